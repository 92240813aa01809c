/* Two documents page by page: both sides move and grow together; one can be laid over the other, or what differs
   marked. Without this script they stand in two columns. */
(() => {
  "use strict";
  const compare = document.querySelector("[data-compare]");
  if (!compare) return;
  const modes = document.querySelector("[data-modes]");
  const opacity = document.querySelector("[data-opacity]");
  const said = document.querySelector("[data-said]");
  const LONGEST_SIDE = 1600; // pixels of the picture in which differences are marked
  const DARK = 160; // of 255: what is darker is ink

  /* --- Together ------------------------------------------------------------------------------------------------- */
  const pairs = [...compare.querySelectorAll("[data-pair]")];
  pairs.forEach((pair) => {
    const sides = [...pair.querySelectorAll("[data-side]")];
    let leader = null;
    sides.forEach((side) => {
      ["pointerenter", "focusin", "touchstart", "wheel"].forEach((kind) =>
        side.addEventListener(kind, () => (leader = side), { passive: true }),
      );
      side.addEventListener("scroll", () => {
        if (leader && leader !== side) return;
        sides.filter((other) => other !== side).forEach((other) => {
          const [wide, high] = [side.scrollWidth - side.clientWidth, side.scrollHeight - side.clientHeight];
          if (wide > 0) other.scrollLeft = (side.scrollLeft / wide) * (other.scrollWidth - other.clientWidth);
          if (high > 0) other.scrollTop = (side.scrollTop / high) * (other.scrollHeight - other.clientHeight);
        });
      });
    });
  });

  const zoomLinks = [...document.querySelectorAll("[data-zoom]")];
  zoomLinks.forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      compare.dataset.size = link.dataset.zoom;
      zoomLinks.forEach((other) => other.toggleAttribute("aria-current", false));
      link.setAttribute("aria-current", "true");
      document.querySelectorAll("input[name=zoom]").forEach((field) => (field.value = link.dataset.zoom));
    }),
  );

  /* --- One over the other, and what differs ------------------------------------------------------------------------ */
  const inkOf = (picture, width, height) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.drawImage(picture, 0, 0, width, height);
    return pen.getImageData(0, 0, width, height).data;
  };

  const loaded = async (picture) => {
    picture.loading = "eager";
    if (!picture.complete) await new Promise((done) => ["load", "error"].forEach((kind) => picture.addEventListener(kind, done, { once: true })));
    return picture.naturalWidth > 0;
  };

  /* Red: only on the left (gone); blue: only on the right (new); grey: on both. The two are told apart by more than
     their colour: what is gone is drawn in stripes. Returns how many pixels differ. */
  const mark = (canvas, left, right) => {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(left.naturalWidth, left.naturalHeight));
    const width = Math.round(left.naturalWidth * scale);
    const height = Math.round(left.naturalHeight * scale);
    [canvas.width, canvas.height] = [width, height];
    const [before, after] = [inkOf(left, width, height), inkOf(right, width, height)];
    const pen = canvas.getContext("2d");
    const drawn = pen.createImageData(width, height);
    const lightness = (data, at) => 0.3 * data[at] + 0.59 * data[at + 1] + 0.11 * data[at + 2];
    let differ = 0;
    for (let at = 0; at < drawn.data.length; at += 4) {
      const [was, is] = [lightness(before, at), lightness(after, at)];
      const gone = was < DARK && is >= DARK;
      const fresh = is < DARK && was >= DARK;
      if (gone || fresh) differ += 1;
      const place = at / 4;
      const stripe = ((place % width) + Math.floor(place / width)) % 6 < 4;
      const grey = 255 - (255 - Math.min(was, is)) * 0.35;
      const colour = gone ? (stripe ? [200, 30, 20] : [255, 225, 220]) : fresh ? [0, 70, 190] : [grey, grey, grey];
      drawn.data.set([...colour, 255], at);
    }
    pen.putImageData(drawn, 0, 0);
    return differ;
  };

  const markPair = async (pair) => {
    const [left, right] = ["left", "right"].map((side) => pair.querySelector(`[data-side=${side}] img`));
    if (!left || !right || pair.classList.contains("doc-pair--marked")) return;
    if (!(await loaded(left)) || !(await loaded(right))) {
      said.textContent = "A picture did not load. Load the page again to see what differs.";
      return;
    }
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    try {
      const differ = mark(canvas, left, right);
      const words = differ < 50 ? "no difference" : "differences marked";
      canvas.setAttribute("aria-label", `${pair.getAttribute("aria-label")}: ${words}`);
      pair.querySelector(".doc-pair__title").append(`: ${words}`);
    } catch {
      said.textContent = "The differences cannot be marked here. Lay one over the other instead.";
      return;
    }
    pair.querySelector("[data-side=left]").append(canvas);
    pair.classList.add("doc-pair--marked");
  };

  /* Those in sight and one screen further, so that whoever scrolls finds them marked. */
  const inSight = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => markPair(entry.target)),
    { rootMargin: "100% 0px", scrollMargin: "100% 0px" },
  );

  const unmark = () => {
    inSight.disconnect();
    pairs.forEach((pair) => {
      pair.classList.remove("doc-pair--marked");
      pair.querySelectorAll("canvas").forEach((canvas) => canvas.remove());
      const title = pair.querySelector(".doc-pair__title");
      title.textContent = title.textContent.split(":")[0];
    });
  };

  const WORDS = {
    beside: "",
    over: "The right one lies over the left one.",
    differences: "Blue: only on the right. Red stripes: only on the left. Grey: on both.",
  };
  modes.hidden = false;
  modes.addEventListener("change", (event) => {
    if (event.target.name !== "mode") return;
    const mode = event.target.value;
    unmark();
    compare.classList.toggle("doc-compare--over", mode === "over");
    compare.classList.toggle("doc-compare--differences", mode === "differences");
    opacity.hidden = mode !== "over";
    said.textContent = WORDS[mode];
    if (mode === "differences") pairs.forEach((pair) => inSight.observe(pair));
  });
  opacity.querySelector("input").addEventListener("input", (event) => {
    compare.style.setProperty("--doc-opacity", event.target.value / 100);
  });
})();
