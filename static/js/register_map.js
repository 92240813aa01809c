/* The register on a map. The server groups what lies in the viewport; this draws it, and says how many there are.
   The page is complete without this script: the same applications stand in it as a list. */
(() => {
  "use strict";
  const WAIT = 250; // milliseconds after the last movement
  const element = document.getElementById("register-map");
  if (!element || !window.L) return;

  const words = document.getElementById("map-words");
  const list = document.getElementById("map-list");
  const newest = document.getElementById("map-newest");
  const { address, query, tiles, attribution } = element.dataset;
  const [west, south, east, north] = element.dataset.bbox.split(",").map(Number);

  const make = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  /* Without a map service: a plain grid, so that moving and zooming can be seen. */
  const grid = () => {
    const layer = L.gridLayer({ maxZoom: 20 });
    layer.createTile = () => make("div", { className: "register-map__tile" });
    return layer;
  };

  element.hidden = false;
  document.getElementById("map-moves").hidden = true;
  const map = L.map(element, { attributionControl: Boolean(attribution), scrollWheelZoom: false, maxZoom: 20, minZoom: 5 });
  (tiles ? L.tileLayer(tiles, { attribution, maxZoom: 20, maxNativeZoom: 19 }) : grid()).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.fitBounds([[south, west], [north, east]]);
  const markers = L.layerGroup().addTo(map);

  /* A round button on the map that has a name, and does the same for a mouse and for Enter and Space. */
  const marker = ({ latitude, longitude }, { className, size, text = "", name, act }) => {
    const icon = L.divIcon({ className, iconSize: [size, size], html: make("span", { textContent: text }) });
    const made = L.marker([latitude, longitude], { icon, keyboard: true, riseOnHover: true }).addTo(markers);
    made.getElement().setAttribute("aria-label", name);
    made.on("click", () => act(made));
    made.getElement().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act(made);
    });
    return made;
  };

  const showApplication = (one) => {
    const name = `${one.address}: ${one.description} (${one.status})`;
    const link = make("a", { href: one.url, textContent: one.address });
    const told = make("div", {}, link, make("p", { textContent: one.description }),
      make("p", { textContent: `${one.reference}. ${one.status}.` }));
    const popup = L.popup({ maxWidth: 260, autoPanPadding: [20, 20], offset: [0, -6] }).setLatLng([one.latitude, one.longitude]).setContent(told);
    const made = marker(one, { className: "register-map__point", size: 24, name, act: () => popup.openOn(map) });
    popup.on("add", () => link.focus());
    popup.on("remove", () => {
      if (told.contains(document.activeElement)) made.getElement()?.focus();
    });
  };

  const showCluster = (one) => {
    const size = 32 + 8 * Math.min(3, Math.floor(Math.log10(one.count)));
    const many = one.count.toLocaleString("en-GB");
    const [w, s, e, n] = one.around;
    const isOnePlace = map.getZoom() >= map.getMaxZoom() || map.getBoundsZoom([[s, w], [n, e]]) <= map.getZoom();
    const name = `${many} applications: ${isOnePlace ? "show the list" : "zoom in"}`;
    const act = () => {
      if (isOnePlace) window.location.assign(one.list);
      else {
        element.focus(); // the marker will be gone
        map.fitBounds([[s, w], [n, e]], { padding: [20, 20], maxZoom: map.getMaxZoom() });
      }
    };
    marker(one, { className: "register-map__cluster", size, text: many, name, act });
  };

  const entry = (one) => make("li", { className: "entry" },
    make("h3", { className: "entry__title" }, make("a", { className: "govuk-link entry__address", href: one.url, textContent: one.address })),
    make("p", { className: "govuk-body entry__description", textContent: one.description }),
    make("p", { className: "govuk-body-s", textContent: `${one.reference}. ${one.status}.` }));

  const show = (answer) => {
    markers.clearLayers();
    answer.clusters.forEach(showCluster);
    answer.applications.forEach(showApplication);
    newest.replaceChildren(...answer.newest.map(entry));
    list.href = answer.list;
    words.textContent = answer.words;
  };

  let asking = null;
  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const bounds = map.getBounds();
    const asked = new URLSearchParams(query);
    asked.set("bbox", [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(5)).join(","));
    window.history.replaceState(null, "", `?${asked}`);
    asked.set("zoom", map.getZoom());
    try {
      const answer = await fetch(`${address}?${asked}`, { signal });
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") words.textContent = "The applications could not be loaded. Move the map to try again.";
    }
  };

  /* Leaflet hears Escape only while the map itself has the focus, and not what lies on it. */
  element.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") map.closePopup();
  });

  /* A popup that opens near the edge moves the map: that is no new question. */
  let waiting = 0;
  let isPopupOpening = false;
  map.on("autopanstart", () => {
    isPopupOpening = true;
  });
  map.on("moveend", () => {
    window.clearTimeout(waiting);
    if (isPopupOpening) {
      isPopupOpening = false;
      return;
    }
    waiting = window.setTimeout(ask, WAIT);
  });
  ask();
})();
