/* Shows what belongs to a choice only while it is chosen. Without this file everything is shown.

   GOV.UK's own radios do the same, but say aria-expanded, which a radio button may not (ARIA 1.2). */
(() => {
  "use strict";
  const HIDDEN = "govuk-radios__conditional--hidden";
  const choices = [...document.querySelectorAll("input[type=radio][data-shows]")];
  const update = () => choices.forEach((choice) => {
    document.getElementById(choice.dataset.shows).classList.toggle(HIDDEN, !choice.checked);
  });
  document.addEventListener("change", update);
  window.addEventListener("pageshow", update); // the browser's way back ticks choices again by itself
  update();
})();
