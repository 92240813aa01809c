/* A refused form: the summary of its errors gets the focus, so that it is read out first (GOV.UK's pattern). */
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => document.querySelector("[data-case-errors]")?.focus());
})();
