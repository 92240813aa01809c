/* Sends the files of a request one by one, as soon as they are chosen or dropped: each with its progress, and those
   that failed with a button to try again. Without this file the form sends them all at once. */
(() => {
  "use strict";
  const AT_ONCE = 2;

  const element = (name, className, words = "") => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = words;
    return made;
  };

  const sizeInWords = (bytes) => (bytes < 1024 * 1024
    ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

  const button = (words, name) => {
    const made = element("button", "govuk-button govuk-button--secondary files__button", words);
    made.type = "button";
    made.append(element("span", "govuk-visually-hidden", ` ${name}`));
    return made;
  };

  const start = (box) => {
    const list = box.querySelector("[data-uploads-list]");
    const drop = box.querySelector("[data-uploads-drop]");
    const input = drop.querySelector("input[type=file]");
    const said = box.querySelector("[data-uploads-said]");
    const form = box.closest("form");
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const mostFiles = Number(box.dataset.mostFiles);
    const mostBytes = Number(box.dataset.mostMb) * 1024 * 1024;
    const waiting = [];
    let sending = 0;

    /* Rows show what became of each file; who does not see them hears it. */
    const say = (words, isShown = false) => {
      said.classList.toggle("govuk-visually-hidden", !isShown);
      said.textContent = words;
    };
    const kept = () => list.querySelectorAll("[data-kept]").length;
    const tellCount = (words) => say(`${words} ${kept()} ${kept() === 1 ? "file is" : "files are"} here.`);

    const rowOf = (file) => {
      const row = element("li", "files__item");
      row.append(element("span", "files__name", file.name), element("span", "files__size", sizeInWords(file.size)));
      list.append(row);
      return row;
    };

    const bare = (row) => row.querySelectorAll(".files__button, .files__progress, .files__why").forEach((one) => one.remove());

    const takeAway = (row, name) => {
      const goesTo = row.nextElementSibling?.querySelector("button") || row.previousElementSibling?.querySelector("button") || input;
      row.remove();
      goesTo.focus();
      tellCount(`${name} was taken out.`);
    };

    const removable = (row, name, address) => {
      row.dataset.kept = "";
      const remove = button("Remove", name);
      remove.addEventListener("click", async () => {
        remove.disabled = true;
        try {
          const answer = await fetch(address, {
            method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token },
          });
          if (!answer.ok) throw new Error((await answer.json()).error);
          takeAway(row, name);
        } catch (error) {
          remove.disabled = false;
          say(error instanceof TypeError || !error.message
            ? `${name} could not be taken out. Check your connection and try again.` : error.message);
        }
      });
      row.append(remove);
    };

    const failed = (row, file, words, mayRetry) => {
      bare(row);
      row.append(element("p", "files__why", `${file.name} was not sent: ${words}`));
      if (mayRetry) {
        const again = button("Try again", file.name);
        again.addEventListener("click", () => {
          queue(file, row);
          next();
        });
        row.append(again);
      }
      const leave = button("Leave out", file.name);
      leave.addEventListener("click", () => takeAway(row, file.name));
      row.append(leave);
      say(`${file.name} was not sent: ${words}`);
    };

    const send = (file, row) => {
      const request = new XMLHttpRequest();
      const progress = element("progress", "files__progress");
      progress.max = 100;
      progress.value = 0;
      progress.setAttribute("aria-label", `Sending ${file.name}`);
      bare(row);
      row.append(progress);
      sending += 1;

      const done = (tell) => {
        sending -= 1;
        tell();
        next();
      };
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress.value = Math.round((event.loaded / event.total) * 100);
      });
      request.addEventListener("load", () => done(() => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch { /* a page of a proxy in between, perhaps */ }
        if (request.status !== 201) {
          // What is wrong with the file itself does not get better by trying again.
          failed(row, file, answer.error || "Something went wrong. Try again, or save the page and come back.", request.status !== 422);
          return;
        }
        bare(row);
        removable(row, answer.name, answer.remove);
        tellCount(`${answer.name} was sent.`);
      }));
      request.addEventListener("error", () => done(() => failed(row, file, "The connection broke off.", true)));
      request.addEventListener("abort", () => done(() => failed(row, file, "The connection broke off.", true)));

      const body = new FormData();
      body.append("files", file, file.name);
      request.open("POST", box.dataset.uploads);
      request.setRequestHeader("X-CSRFToken", token);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    };

    const queue = (file, row) => waiting.push([file, row]);
    const next = () => {
      while (sending < AT_ONCE && waiting.length) send(...waiting.shift());
    };

    const take = (files) => {
      [...files].forEach((file) => {
        const row = rowOf(file);
        if (file.size > mostBytes) failed(row, file, `The file is larger than ${box.dataset.mostMb} MB.`, false);
        else if (kept() + waiting.length + sending >= mostFiles) failed(row, file, `Not more than ${mostFiles} files can be sent.`, false);
        else {
          row.append(element("span", "files__why", ""));
          queue(file, row);
        }
      });
      next();
    };

    list.querySelectorAll(".files__item").forEach((row) => {
      const { formAction } = row.querySelector("button");
      const name = row.querySelector(".files__name").textContent;
      row.querySelector("button").remove();
      removable(row, name, formAction);
    });
    drop.classList.add("files__drop--ready");
    drop.prepend(element("p", "files__hint", "Drop files here, or choose them:"));
    drop.querySelector("[data-uploads-send]").hidden = true;
    input.addEventListener("change", () => {
      take(input.files);
      input.value = ""; // sent already: the form need not send them again
    });
    ["dragenter", "dragover"].forEach((name) => drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("files__drop--over");
    }));
    ["dragleave", "drop"].forEach((name) => drop.addEventListener(name, () => drop.classList.remove("files__drop--over")));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      take(event.dataTransfer.files);
    });
    form.addEventListener("submit", (event) => {
      if (!sending && !waiting.length) return;
      event.preventDefault();
      say("Some files are still being sent. Wait until they are here, then go on.", true);
    });
  };

  document.querySelectorAll("[data-uploads]").forEach(start);
})();
