// Makes the pages more comfortable where scripts run. Every page works without this file.

const me = document.querySelector("script[data-govuk-frontend]");

if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  const { initAll } = await import(me.dataset.govukFrontend);
  initAll();
}

// Addresses of searches say only what was asked for: they are shared and kept.
for (const form of document.querySelectorAll("form.search")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
