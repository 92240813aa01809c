/* Beside a box for a date, what the server understands of what was typed, as soon as the box is left. What was typed
   stays as it is; without this file the page after sending says the same. */
(() => {
  "use strict";
  const NATIVE = { date: "date", moment: "datetime-local", time: "time" };

  const asItCame = new WeakMap(); // words beside a box, as the server wrote them with the page; a refusal stands above it

  const parts = (inside) => {
    const box = inside.closest?.("[data-date-box]");
    return box && { box, typed: box.querySelector("input"), words: box.querySelector(".date-box__words") };
  };

  const say = ({ box, words }, text, isRefused) => {
    words.textContent = text;
    box.classList.toggle("date-box--refused", isRefused);
  };

  const ask = async (parts) => {
    const text = parts.typed.value.trim();
    if (!text) return say(parts, "", false);
    if (text === parts.typed.defaultValue) return say(parts, asItCame.get(parts.words) ?? parts.words.textContent, false);
    try {
      const answer = await fetch(`${parts.box.dataset.dateBox}&text=${encodeURIComponent(text)}`);
      if (!answer.ok || parts.typed.value.trim() !== text) return; // more was typed meanwhile
      const { words, refusal } = await answer.json();
      say(parts, words || refusal, Boolean(refusal));
    } catch {
      /* No answer: the form is read by the same rules when it is sent. */
    }
  };

  /* A picker of the browser, which fills the line in. */
  const pick = (parts) => {
    const native = Object.assign(document.createElement("input"), { type: NATIVE[parts.box.dataset.kind], tabIndex: -1 });
    native.className = "date-box__native";
    native.setAttribute("aria-hidden", "true");
    parts.box.querySelector(".date-box__native")?.remove();
    parts.box.querySelector(".date-box__line").append(native);
    native.addEventListener("input", (event) => event.stopPropagation());
    native.addEventListener("change", (event) => {
      event.stopPropagation();
      const [day, time] = native.type === "time" ? ["", native.value] : native.value.split("T");
      parts.typed.value = [day.split("-").reverse().join("/"), time].filter(Boolean).join(" ");
      for (const name of ["input", "change"]) parts.typed.dispatchEvent(new Event(name, { bubbles: true }));
      ask(parts);
    });
    native.showPicker();
  };

  document.addEventListener("focusin", ({ target }) => {
    const button = parts(target)?.box.querySelector(".date-box__calendar");
    if (button) button.hidden = !("showPicker" in HTMLInputElement.prototype);
  });
  document.addEventListener("input", ({ target }) => {
    const typing = parts(target);
    if (!typing) return;
    if (!asItCame.has(typing.words)) asItCame.set(typing.words, typing.words.textContent);
    say(typing, "", false);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches?.("[data-date-box] input")) ask(parts(target));
  });
  document.addEventListener("click", ({ target }) => {
    if (target.matches?.(".date-box__calendar")) pick(parts(target));
  });
})();
