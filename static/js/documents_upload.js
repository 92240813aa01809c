/* Adding many documents: dropped or chosen, each sent by itself with its progress, two at a time. What the server
   refuses is said in its own words; what only failed on the way can be tried again without choosing it anew. Without
   this script the form sends all files together. */
(() => {
  "use strict";
  const AT_ONCE = 2;
  const TIMEOUT = 10 * 60 * 1000; // milliseconds: a large drawing over a slow line
  const AGAIN = new Set([0, 408, 425, 429]); // and every 5xx: the line or the server, not the file

  const WORDS = {
    waiting: "Waiting",
    done: "Added",
    cancelled: "Cancelled",
    lost: "The connection was lost.",
    slow: "It took too long.",
    server: "The server could not take it now.",
    signedOut: "You are signed out. Sign in again in another tab, then try again.",
    tooLarge: "The file is too large.",
    refused: "The file could not be taken.",
  };

  const setUp = (form) => {
    const part = (name) => form.querySelector(`[data-${name}]`);
    const input = form.querySelector("input[type=file]");
    const [drop, queue, list, words, said] = ["drop", "queue", "queue-files", "queue-words", "queue-said"].map(part);
    const [start, retry, cancel] = ["upload", "retry", "cancel"].map(part);
    const bar = queue.querySelector("progress");
    const items = [];
    part("drop-hint").hidden = false;

    const of = (...states) => items.filter((item) => states.includes(item.state));

    const show = (item, state, text) => {
      item.state = state;
      item.row.dataset.state = state;
      item.words.textContent = text;
      item.remove.hidden = state === "done" || state === "cancelled";
      item.bar.hidden = state !== "sending";
      if (state === "refused" || state === "failed") list.prepend(item.row); // the list scrolls: what went wrong is seen first
      count();
    };

    const count = () => {
      const wanted = items.filter((item) => item.state !== "cancelled");
      const size = wanted.reduce((sum, item) => sum + item.file.size, 0);
      const sent = wanted.reduce((sum, item) => sum + (item.state === "sending" ? item.sent : 0), 0);
      const over = of("done", "refused", "failed").reduce((sum, item) => sum + item.file.size, 0);
      bar.value = size ? Math.min(100, Math.round(((sent + over) / size) * 100)) : 0;
      words.textContent = `${of("done").length} of ${wanted.length} added`;
      queue.hidden = items.length === 0;
      const busy = of("sending", "queued").length > 0;
      retry.hidden = busy || of("failed").length === 0;
      cancel.hidden = !busy;
      start.disabled = busy;
    };

    const add = (files) => {
      for (const file of files) {
        const row = document.createElement("li");
        row.className = "doc-queue__file";
        const name = document.createElement("span");
        name.className = "doc-queue__name";
        name.textContent = file.name;
        const progress = document.createElement("progress");
        progress.max = 100;
        progress.value = 0;
        progress.setAttribute("aria-label", `Progress of ${file.name}`);
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "doc-queue__remove";
        remove.textContent = "Take out";
        remove.setAttribute("aria-label", `Take out ${file.name}`);
        const state = document.createElement("span");
        state.className = "doc-queue__state";
        row.append(name, progress, remove, state);
        list.append(row);
        const item = { file, row, bar: progress, words: state, remove, sent: 0, request: null, state: "chosen" };
        remove.addEventListener("click", () => takeOut(item));
        items.push(item);
        show(item, "chosen", WORDS.waiting);
      }
      const number = of("chosen").length;
      if (files.length) said.textContent = `${number} file${number === 1 ? "" : "s"} chosen. Press Upload.`;
    };

    const takeOut = (item) => {
      const request = item.request;
      show(item, "cancelled", WORDS.cancelled);
      if (request) request.abort();
      next();
    };

    const refusal = (request) => {
      try {
        return JSON.parse(request.responseText).error || "";
      } catch {
        return "";
      }
    };

    const answered = (item, request) => {
      item.request = null;
      if (item.state === "cancelled") return;
      const isJson = (request.getResponseHeader("Content-Type") || "").includes("application/json");
      const error = isJson ? refusal(request) : "";
      if (request.status === 201) {
        const { suggestions } = JSON.parse(request.responseText);
        show(item, "done", suggestions.length ? `${WORDS.done}. Perhaps: ${suggestions.join(", ")}` : WORDS.done);
      } else if (AGAIN.has(request.status) || request.status >= 500) {
        show(item, "failed", error || WORDS.server);
      } else if (request.status === 413) {
        show(item, "refused", error || WORDS.tooLarge);
      } else if (!isJson && (request.status === 403 || request.responseURL.includes("/login"))) {
        show(item, "failed", WORDS.signedOut);
      } else {
        show(item, "refused", error || WORDS.refused);
      }
      next();
    };

    const failed = (item, text) => {
      item.request = null;
      if (item.state === "cancelled") return;
      show(item, "failed", text);
      next();
    };

    const send = (item) => {
      const request = new XMLHttpRequest();
      const data = new FormData();
      data.append("file", item.file, item.file.name);
      for (const name of ["types", "received_on"]) {
        form.querySelectorAll(`[name="upload-${name}"]`).forEach((field) => {
          if (field.selectedOptions) [...field.selectedOptions].forEach((option) => data.append(name, option.value));
          else data.append(name, field.value);
        });
      }
      item.request = request;
      item.sent = 0;
      item.bar.value = 0;
      show(item, "sending", "Sending");
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        item.sent = Math.min(event.loaded, item.file.size);
        item.bar.value = Math.round((event.loaded / event.total) * 100);
        if (event.loaded === event.total && item.state === "sending") item.words.textContent = "Being checked";
        count();
      });
      request.addEventListener("load", () => answered(item, request));
      request.addEventListener("error", () => failed(item, WORDS.lost));
      request.addEventListener("timeout", () => failed(item, WORDS.slow));
      request.open("POST", form.dataset.documentsUpload);
      request.timeout = TIMEOUT;
      request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.send(data);
    };

    const next = () => {
      while (of("sending").length < AT_ONCE && of("queued").length) send(of("queued")[0]);
      if (!of("sending", "queued").length) finished();
    };

    const finished = () => {
      count();
      const [done, refused, lost] = ["done", "refused", "failed"].map((state) => of(state).length);
      const parts = [];
      if (done) parts.push(`${done} document${done === 1 ? "" : "s"} added.`);
      if (refused) parts.push(`${refused} file${refused === 1 ? "" : "s"} could not be taken: see why beside ${refused === 1 ? "it" : "them"}.`);
      if (lost) parts.push(`${lost} file${lost === 1 ? "" : "s"} did not get through. Try again.`);
      said.textContent = parts.join(" ");
      if (done) refreshList();
    };

    const begin = (states) => {
      of(...states).forEach((item) => show(item, "queued", WORDS.waiting));
      next();
    };

    input.addEventListener("change", () => {
      add([...input.files]);
      input.value = ""; // the queue holds them now; the form must not send them a second time
    });
    ["dragenter", "dragover"].forEach((kind) =>
      drop.addEventListener(kind, (event) => {
        if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
        event.preventDefault();
        drop.classList.add("doc-drop--over");
      }),
    );
    drop.addEventListener("dragleave", () => drop.classList.remove("doc-drop--over"));
    drop.addEventListener("drop", (event) => {
      drop.classList.remove("doc-drop--over");
      if (!event.dataTransfer || !event.dataTransfer.files.length) return;
      event.preventDefault();
      add([...event.dataTransfer.files]);
    });
    /* Before the listener on the document, which would take this for a form that was sent. */
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (of("chosen").length) begin(["chosen"]);
      else said.textContent = queue.hidden ? "" : "Choose files first.";
      if (!items.length) input.focus();
    });
    retry.addEventListener("click", () => begin(["failed"]));
    cancel.addEventListener("click", () => {
      const requests = of("sending").map((item) => item.request);
      of("sending", "queued").forEach((item) => show(item, "cancelled", WORDS.cancelled));
      requests.forEach((request) => request && request.abort());
      finished();
    });
    window.addEventListener("beforeunload", (event) => {
      if (of("sending", "queued").length) event.preventDefault();
    });
  };

  /* The list again as it now is; what was ticked stays ticked, and every other form on the page stays as it is. */
  const refreshList = async (html = null) => {
    const list = document.getElementById("documents-list");
    if (!list) return;
    try {
      if (html === null) {
        const answer = await fetch(window.location.href, { credentials: "same-origin" });
        if (!answer.ok || answer.redirected) return;
        html = await answer.text();
      }
      const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("documents-list");
      if (!fresh) return;
      const ticked = new Set([...list.querySelectorAll("[name=document]:checked")].map((box) => box.value));
      const deed = list.querySelector("[name=deed]");
      fresh.querySelectorAll("[name=document]").forEach((box) => (box.checked = ticked.has(box.value)));
      if (deed && fresh.querySelector("[name=deed]")) fresh.querySelector("[name=deed]").value = deed.value;
      list.replaceWith(fresh);
      choosing();
    } catch {
      /* the list stays as it was; the page can be loaded again */
    }
  };

  /* One tick for all on the page, and how many are ticked. */
  const choosing = () => {
    const all = document.querySelector("[data-choose-all]");
    if (!all) return;
    const box = all.querySelector("input");
    const boxes = () => [...document.querySelectorAll("#documents-list [name=document]")];
    const everything = document.querySelector("#together [name=everything]");
    const tell = () => {
      const number = boxes().filter((one) => one.checked).length;
      all.querySelector("[data-chosen-number]").textContent = number ? `${number} document${number === 1 ? "" : "s"} selected` : "";
      box.checked = number > 0 && number === boxes().length;
      box.indeterminate = number > 0 && number < boxes().length;
    };
    all.hidden = false;
    box.addEventListener("change", () => {
      boxes().forEach((one) => (one.checked = box.checked));
      tell();
    });
    boxes().forEach((one) => one.addEventListener("change", tell));
    if (everything) everything.addEventListener("change", () => {
      boxes().forEach((one) => (one.disabled = everything.checked));
      box.disabled = everything.checked;
    });
    tell();
  };

  /* A suggestion is taken with one click, and the rest of the page stays as it is. */
  const useType = async (event) => {
    const form = event.target.closest("[data-use-type]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const data = new FormData(form);
    data.append(event.submitter.name, event.submitter.value);
    event.submitter.disabled = true;
    try {
      const answer = await fetch(window.location.href, { method: "POST", body: data, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const row = form.closest("li").id;
      await refreshList(await answer.text());
      document.getElementById(row)?.querySelector("a")?.focus();
    } catch {
      window.location.reload(); // it says there what is wrong
    }
  };

  document.querySelectorAll("[data-documents-upload]").forEach(setUp);
  document.addEventListener("submit", useType, true);
  choosing();
})();
