/* The pages of a document: size without loading again, keys while the pages have the focus, and a page that waits for
   its file asks now and then whether it has come. Everything here has a link or a form that does the same. */
(() => {
  "use strict";
  const pages = document.querySelector("[data-pages]");

  const zoomLinks = [...document.querySelectorAll("[data-zoom]")];
  const sizes = zoomLinks.map((link) => Number(link.dataset.zoom));

  const current = () => {
    const middle = window.innerHeight / 3;
    const all = [...document.querySelectorAll("[data-page]")];
    return all.filter((page) => page.getBoundingClientRect().top <= middle).pop() || all[0];
  };

  const zoomTo = (size) => {
    if (!sizes.includes(size)) return;
    const place = current();
    pages.dataset.size = size;
    zoomLinks.forEach((link) => {
      if (Number(link.dataset.zoom) === size) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    document.querySelectorAll("input[name=zoom]").forEach((field) => (field.value = size));
    place?.scrollIntoView({ block: "start" });
  };

  const show = (page) => {
    if (!page) return;
    page.scrollIntoView({ block: "start" });
    const field = document.getElementById("doc-page");
    if (field) field.value = page.dataset.page;
  };

  const keys = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== pages) return;
    const size = sizes.indexOf(Number(pages.dataset.size));
    const acts = {
      ArrowRight: () => show(current()?.nextElementSibling),
      ArrowLeft: () => show(current()?.previousElementSibling),
      "+": () => zoomTo(sizes[size + 1]),
      "-": () => zoomTo(sizes[size - 1]),
      0: () => zoomTo(100),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  };

  if (pages) {
    document.querySelector("[data-keys]").hidden = false;
    pages.addEventListener("keydown", keys);
    zoomLinks.forEach((link) =>
      link.addEventListener("click", (event) => {
        event.preventDefault();
        zoomTo(Number(link.dataset.zoom));
      }),
    );
    /* A page that is here already needs no new page load. */
    document.querySelector("[data-jump]")?.addEventListener("submit", (event) => {
      const page = document.getElementById(`page-${document.getElementById("doc-page").value}`);
      if (!page) return;
      event.preventDefault();
      show(page);
      pages.focus({ preventScroll: true });
    });
  }

  /* Ever more seldom, and not in a tab that nobody looks at; after ten minutes the link is left. */
  const waits = document.querySelector("[data-waits]");
  const ask = async (after, spent) => {
    if (spent > 600) return;
    await new Promise((done) => setTimeout(done, after * 1000));
    if (!document.hidden) {
      try {
        const answer = await fetch(window.location.href, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.querySelector("[data-standing]")?.dataset.standing || "ready";
        if (answer.ok && !answer.redirected && now !== waits.dataset.standing) {
          window.location.reload();
          return;
        }
      } catch {
        /* the network is away: asked again later */
      }
    }
    ask(Math.min(after * 2, 60), spent + after);
  };
  if (waits) ask(4, 0);
})();
