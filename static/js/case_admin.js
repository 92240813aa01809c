/* A refused form: the summary of its errors gets the focus, so that it is read out first (GOV.UK's pattern). */
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => document.querySelector("[data-case-errors]")?.focus());

  /* A double click sends a form once. Back in the browser's history, it can be sent again. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });
})();
