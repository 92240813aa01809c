/* Boxes drawn on the pages. The table of the form is what is sent; the pages show it and write into it, so that all of
   this can be done by hand in the table as well. Pages that wait for a copy ask whether it is there. */
(() => {
  "use strict";

  const WAIT = 3000;
  const SMALLEST = 0.3; // per cent of the page: a click is no box
  const STEP = 0.5;
  const FINE = 0.1;
  const STEPS_BACK = 100;
  const SIDES = ["x", "y", "width", "height"];

  const wait = (element) => {
    const until = { made: (now) => now.state !== "queued", looked: (now) => !now.looking, pages: (now) => now.pages }[element.dataset.redactUntil];
    const ask = async () => {
      try {
        const answer = await fetch(element.dataset.redactWaits, { headers: { Accept: "application/json" } });
        const isThere = answer.ok && until(await answer.json());
        // Never under the hands of somebody who is drawing.
        if (isThere && !document.querySelector("[data-redact][data-changed]")) return window.location.replace(window.location.pathname);
      } catch {
        /* the network is away: asked again */
      }
      setTimeout(ask, WAIT);
    };
    setTimeout(ask, WAIT);
  };

  const round = (value) => Math.round(value * 1000) / 1000;
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const say = (value) => `${round(value)} per cent`;

  const start = (form) => {
    const body = form.querySelector("[data-rows]");
    const template = form.querySelector("template[data-row]");
    const announcer = form.querySelector("[data-announce]");
    const undoButton = form.querySelector("[data-undo]");
    const unsaved = form.querySelector("[data-unsaved]");
    const pages = form.querySelector("[data-pages]");
    const layers = new Map();
    let boxes = []; // {page, x, y, width, height in per cent, row, element}
    let past = [];
    let isSending = false;

    // --- What is told -------------------------------------------------------------------------------------------

    let telling = 0;
    const announce = (words) => {
      clearTimeout(telling);
      telling = setTimeout(() => (announcer.textContent = words), 150);
    };
    const ofPage = (page) => boxes.filter((box) => box.page === page);
    const nameOf = (box) => `Box ${ofPage(box.page).indexOf(box) + 1} on page ${box.page}`;
    const placeOf = (box) =>
      `${say(box.x)} from the left, ${say(box.y)} from the top, ${say(box.width)} wide, ${say(box.height)} high`;

    const facts = () => JSON.stringify(boxes.map(({ page, x, y, width, height }) => [page, x, y, width, height]).sort());
    let saved = null;
    const isChanged = () => saved !== facts();

    const refresh = () => {
      form.toggleAttribute("data-changed", isChanged());
      unsaved.hidden = !isChanged();
      undoButton.disabled = !past.length;
      boxes.forEach((box, number) => {
        if (box.element) box.element.setAttribute("aria-label", `${nameOf(box)}: ${placeOf(box)}`);
        box.row.querySelector("[data-name]").textContent = number + 1;
        box.row.querySelectorAll("input").forEach((input) => {
          input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/box \d+/, `box ${number + 1}`));
        });
        box.row.querySelector("[data-remove]").setAttribute("aria-label", `Remove box ${number + 1}`);
      });
      form.querySelectorAll("[data-count]").forEach((count) => {
        const number = ofPage(Number(count.dataset.count)).length;
        count.textContent = number ? `${number} ${number === 1 ? "box" : "boxes"}` : "";
      });
    };

    // --- Boxes --------------------------------------------------------------------------------------------------

    const show = (box) => {
      const layer = layers.get(box.page);
      if (box.element && box.element.parentNode !== layer) {
        box.element.remove();
        box.element = null;
      }
      if (layer && !box.element) {
        box.element = makeElement(box);
        layer.append(box.element);
      }
      if (box.element) {
        Object.assign(box.element.style, {
          left: `${box.x}%`, top: `${box.y}%`, width: `${box.width}%`, height: `${box.height}%`,
        });
      }
    };

    const write = (box) => {
      ["page", ...SIDES].forEach((side) => (box.row.querySelector(`[data-side=${side}]`).value = box[side]));
    };

    const settle = (box) => {
      box.width = round(clamp(box.width, SMALLEST, 100));
      box.height = round(clamp(box.height, SMALLEST, 100));
      box.x = round(clamp(box.x, 0, 100 - box.width));
      box.y = round(clamp(box.y, 0, 100 - box.height));
      write(box);
      show(box);
    };

    const makeElement = (box) => {
      const element = document.createElement("div");
      element.className = "redact-box";
      element.tabIndex = 0;
      element.setAttribute("role", "application"); // arrow keys are ours, also with a screen reader
      element.setAttribute("aria-roledescription", "box");
      element.setAttribute("aria-describedby", "redact-keys");
      for (const corner of ["nw", "ne", "sw", "se"]) {
        const handle = document.createElement("span");
        handle.className = `redact-box__corner redact-box__corner--${corner}`;
        handle.dataset.corner = corner;
        element.append(handle);
      }
      element.box = box;
      return element;
    };

    const readRow = (row) => {
      const value = (side) => Number(row.querySelector(`[data-side=${side}]`).value.trim().replace(",", ".") || NaN);
      const box = { page: value("page"), x: value("x"), y: value("y"), width: value("width"), height: value("height") };
      return Object.values(box).every(Number.isFinite) ? box : null;
    };

    const newRow = () => {
      const row = template.content.querySelector("tr").cloneNode(true);
      body.append(row);
      return row;
    };

    const add = (facts_) => {
      const box = { ...facts_, row: newRow(), element: null };
      boxes.push(box);
      settle(box);
      return box;
    };

    const drop = (box) => {
      boxes = boxes.filter((other) => other !== box);
      box.row.remove();
      box.element?.remove();
    };

    const remember = (before = facts()) => {
      past.push(before);
      past = past.slice(-STEPS_BACK);
    };

    const undo = () => {
      if (!past.length) return;
      const before = JSON.parse(past.pop());
      [...boxes].forEach(drop);
      before.forEach(([page, x, y, width, height]) => add({ page, x, y, width, height }));
      refresh();
      announce(`Undone. ${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}.`);
    };

    const remove = (box) => {
      remember();
      const name = nameOf(box);
      const others = ofPage(box.page);
      const next = others[others.indexOf(box) + 1] || others[others.indexOf(box) - 1];
      drop(box);
      refresh();
      announce(`${name} removed.`);
      (next?.element || form.querySelector(`[data-add="${box.page}"]`))?.focus();
    };

    const addOn = (page) => {
      remember();
      const place = Math.min(ofPage(page).length, 12) * 2;
      const box = add({ page, x: 35 + place, y: 40 + place, width: 30, height: 5 });
      refresh();
      box.element.focus();
      box.element.scrollIntoView({ block: "nearest", inline: "nearest" });
      announce(`${nameOf(box)} added: ${placeOf(box)}.`);
    };

    // --- Keys ---------------------------------------------------------------------------------------------------

    const keys = (event) => {
      const box = event.target.box;
      if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !/^(INPUT|SELECT)$/.test(event.target.tagName)) {
        event.preventDefault();
        const page = box?.page;
        undo();
        if (page) (ofPage(page)[0]?.element || form.querySelector(`[data-add="${page}"]`))?.focus();
        return;
      }
      if (!box) return;
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        remove(box);
        return;
      }
      const step = event.ctrlKey ? FINE : STEP;
      const [right, down] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] || [0, 0];
      if ((!right && !down) || event.altKey || event.metaKey) return;
      event.preventDefault();
      if (!event.repeat) remember();
      if (event.shiftKey) {
        box.width = clamp(box.width + right, SMALLEST, 100 - box.x);
        box.height = clamp(box.height + down, SMALLEST, 100 - box.y);
      } else {
        box.x += right;
        box.y += down;
      }
      settle(box);
      refresh();
      announce(placeOf(box));
    };

    // --- Mouse, pen and finger ----------------------------------------------------------------------------------

    const point = (layer, event) => {
      const frame = layer.getBoundingClientRect();
      return [
        clamp(((event.clientX - frame.left) / frame.width) * 100, 0, 100),
        clamp(((event.clientY - frame.top) / frame.height) * 100, 0, 100),
      ];
    };

    const spanned = (x1, y1, x2, y2) => ({
      x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1),
    });

    const press = (event) => {
      const layer = event.currentTarget;
      const box = event.target.closest(".redact-box")?.box;
      if (event.button !== 0 || !event.isPrimary) return;
      if (event.pointerType === "touch" && !box && !layer.classList.contains("redact-layer--touch")) return;
      event.preventDefault();
      const before = facts();
      const [x, y] = point(layer, event);
      const corner = event.target.dataset.corner;
      const was = box && { x: box.x, y: box.y, width: box.width, height: box.height };
      let drawn = box;
      box?.element.focus({ preventScroll: true });
      layer.setPointerCapture(event.pointerId);

      const move = (moved) => {
        const [nowX, nowY] = point(layer, moved);
        if (corner) {
          const fixedX = corner.includes("w") ? was.x + was.width : was.x;
          const fixedY = corner.includes("n") ? was.y + was.height : was.y;
          Object.assign(drawn, spanned(fixedX, fixedY, nowX, nowY));
        } else if (was) {
          Object.assign(drawn, { x: was.x + nowX - x, y: was.y + nowY - y });
        } else {
          const span = spanned(x, y, nowX, nowY);
          if (!drawn && span.width < SMALLEST && span.height < SMALLEST) return;
          if (!drawn) drawn = add({ page: Number(layer.dataset.layer), ...span });
          else Object.assign(drawn, span);
        }
        settle(drawn);
      };
      const end = (ended) => {
        ["pointermove", "pointerup", "pointercancel"].forEach((name) => layer.removeEventListener(name, name === "pointermove" ? move : end));
        if (ended.type === "pointercancel" && drawn) {
          if (was) Object.assign(drawn, was);
          else drop(drawn);
          if (was) settle(drawn);
        } else if (drawn && facts() !== before) {
          remember(before);
          drawn.element.focus({ preventScroll: true });
          announce(`${nameOf(drawn)}: ${placeOf(drawn)}.`);
        }
        refresh();
      };
      layer.addEventListener("pointermove", move);
      layer.addEventListener("pointerup", end);
      layer.addEventListener("pointercancel", end);
    };

    // --- Beginning ----------------------------------------------------------------------------------------------

    form.querySelectorAll(".redact-sheet").forEach((sheet) => {
      const layer = document.createElement("div");
      const page = Number(sheet.dataset.sheet);
      layer.className = "redact-layer";
      layer.dataset.layer = page;
      layer.addEventListener("pointerdown", press);
      sheet.append(layer);
      layers.set(page, layer);
      const button = form.querySelector(`[data-add="${page}"]`);
      button.hidden = false;
      button.addEventListener("click", () => addOn(page));
    });
    form.querySelectorAll("[data-static]").forEach((rectangle) => rectangle.remove());
    body.querySelectorAll("[data-new]").forEach((row) => row.remove());
    body.querySelectorAll("[data-box]").forEach((row) => {
      const read = readRow(row);
      if (!read) return; // what was typed and refused stays in the table, to be put right there
      const box = { ...read, row, element: null };
      boxes.push(box);
      show(box);
    });
    saved = form.hasAttribute("data-changed") ? "" : facts();
    refresh();
    undoButton.hidden = false;
    form.querySelector("[data-keys]").hidden = false;
    form.querySelector("[data-by-hand]").hidden = true;
    form.addEventListener("keydown", keys);
    undoButton.addEventListener("click", undo);

    body.addEventListener("change", (event) => {
      const row = event.target.closest("[data-box]");
      const box = boxes.find((other) => other.row === row);
      if (event.target.matches("[data-remove]")) {
        event.target.checked = false;
        if (box) remove(box);
        else row.remove();
        return;
      }
      const read = readRow(row);
      if (!read) return;
      remember();
      if (box) Object.assign(box, read);
      else boxes.push({ ...read, row, element: null });
      settle(box || boxes[boxes.length - 1]);
      refresh();
    });

    const zoom = form.querySelector("[data-zoom]");
    zoom.hidden = false;
    zoom.querySelector("select").addEventListener("change", (event) => (pages.dataset.size = event.target.value));

    const touch = form.querySelector("[data-touch]");
    touch.hidden = !window.matchMedia("(any-pointer: coarse)").matches;
    touch.addEventListener("click", () => {
      const isOn = touch.getAttribute("aria-pressed") !== "true";
      touch.setAttribute("aria-pressed", String(isOn));
      layers.forEach((layer) => layer.classList.toggle("redact-layer--touch", isOn));
      announce(isOn ? "A finger on a page draws a box." : "A finger on a page scrolls.");
    });

    form.addEventListener("submit", () => (isSending = true));
    window.addEventListener("pageshow", () => (isSending = false));
    window.addEventListener("beforeunload", (event) => {
      if (isChanged() && !isSending) event.preventDefault();
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-redact-waits]").forEach(wait);
    const form = document.querySelector("[data-redact]");
    if (form) start(form);
  });
})();
