/* Nothing that is typed is lost: while somebody types, the form is kept on the server for them (cases/admin/typed/), once
   more when they leave, and leaving with words that are not saved is asked about. Pages offer what was kept. */
(() => {
  "use strict";
  const EVERY = 2000; // milliseconds
  const TYPED = "input:not([type=hidden], [type=submit], [type=button], [type=file], [type=password], [type=search]), textarea, select";
  const kept = new Map(); // form → what was last kept of it
  const before = new Map(); // form → what it was before anybody touched it
  let isSending = false;

  const page = () => document.querySelector("[data-typed-by]");

  /* Forms with something to type into, but not Wagtail's search, filters and sign-out. */
  const forms = () =>
    [...document.querySelectorAll("main form")].filter(
      (form) =>
        form.method === "post" && !form.closest("#typed") && !form.matches("[data-nothing-typed]") &&
        [...form.elements].some((one) => one.matches(TYPED)),
    );

  const dataOf = (form) => {
    const data = new FormData(form);
    for (const one of form.elements) {
      if (one.name && (one.type === "password" || one.type === "file")) data.delete(one.name);
    }
    return data;
  };

  const said = (data) =>
    JSON.stringify([...data].filter(([name]) => name !== "csrfmiddlewaretoken" && !name.startsWith("typed_")));

  /* Which form of the page it is, by its hidden fields; a button's name and value come only when it is pressed. */
  const nameOf = (form) => {
    const hidden = (name) => form.querySelector(`input[type=hidden][name=${name}]`)?.value ?? "";
    const kind = form.querySelector("input[type=hidden][name=opened]") ? ["opened", "opened_row"] : ["action", "row"];
    return kind.map(hidden).join("/") + page().dataset.typedSuffix;
  };

  /* In whose name, on which page and in which form it was typed. */
  const about = (form) => ({
    typed_by: page().dataset.typedBy,
    typed_page: location.pathname + location.search,
    typed_form: nameOf(form),
    typed_title: document.title.replace(/ - BoPS$/, ""),
  });

  /* Sent along with the form, so that a refusal keeps it and a save forgets it. */
  const sign = (form) => {
    for (const [name, value] of Object.entries(about(form))) {
      let field = form.querySelector(`input[name=${name}]`);
      if (!field) form.append((field = Object.assign(document.createElement("input"), { type: "hidden", name })));
      field.value = value;
    }
  };

  const isChanged = (form) => {
    if (!before.has(form)) return page().hasAttribute("data-typed-put-back");
    return said(dataOf(form)) !== before.get(form);
  };

  const keep = (form) => {
    const data = dataOf(form);
    const words = said(data);
    if (words === kept.get(form)) return;
    kept.set(form, words);
    for (const [name, value] of Object.entries(about(form))) data.set(name, value);
    fetch(page().dataset.typedKeep, { method: "POST", body: data, keepalive: words.length < 60000, redirect: "manual" })
      .then((answer) => answer.ok || answer.status === 403 || kept.delete(form))
      .catch(() => kept.delete(form)); // the next time
  };

  const keepAll = () => {
    if (isSending) return;
    for (const form of before.keys()) if (form.isConnected && isChanged(form)) keep(form);
  };

  /* Editors build their fields late: a form is as it was when somebody first comes to it. */
  const begin = (event) => {
    const form = event.target.form ?? event.target.closest?.("form");
    if (!form || before.has(form) || !forms().includes(form)) return;
    const words = page().hasAttribute("data-typed-put-back") ? "" : said(dataOf(form));
    before.set(form, words);
    kept.set(form, words);
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!page()) return;
    for (const event of ["focusin", "pointerdown"]) document.addEventListener(event, begin, true);
    setInterval(keepAll, EVERY);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepAll());
    window.addEventListener("pagehide", keepAll);
    document.addEventListener("submit", (event) => {
      if (event.defaultPrevented || event.target.method !== "post") return;
      for (const form of before.keys()) if (form !== event.target && isChanged(form)) keep(form);
      if (forms().includes(event.target)) sign(event.target);
      isSending = true;
    });
    window.addEventListener("pageshow", () => (isSending = false));
    window.addEventListener("beforeunload", (event) => {
      if (!isSending && forms().some(isChanged)) event.preventDefault();
    });
  });
})();
