/* Pages of which a sharper picture is being drawn: asked after now and then, and put in its place when it is there, under
   boxes that somebody draws and without another page load. Without this script there is a link that looks again. */
(() => {
  "use strict";
  const FIRST = 2; // seconds
  const LONGEST = 30;
  const GIVEN_UP = 600;

  const put = (here, there) => here.replaceWith(document.importNode(there, true));

  const look = async () => {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelectorAll("[data-sharpens]").forEach((words) => {
      const number = words.dataset.sharper;
      const told = now.querySelector(`[data-sharper="${number}"]`);
      if (told?.hasAttribute("data-sharpens")) return;
      const [old, sharp] = [document, now].map((page) => page.querySelector(`[data-picture="${number}"]`));
      if (sharp && !old && !document.querySelector("[data-redact][data-changed]")) return window.location.reload();
      if (sharp && old) put(old, sharp);
      if (told) put(words, told);
      else words.remove();
    });
  };

  const wait = (after, spent) => {
    if (!document.querySelector("[data-sharpens]") || spent > GIVEN_UP) return;
    setTimeout(async () => {
      try {
        if (!document.hidden) await look();
      } catch {
        /* the network is away: asked again later */
      }
      wait(Math.min(after * 1.5, LONGEST), spent + after);
    }, after * 1000);
  };

  document.addEventListener("DOMContentLoaded", () => wait(FIRST, 0));
})();
