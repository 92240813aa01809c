// Makes the pages more comfortable where scripts run. Every page works without this file.

const me = document.querySelector("script[data-govuk-frontend]");

if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  const { initAll } = await import(me.dataset.govukFrontend);
  initAll();
}
