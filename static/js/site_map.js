// Puts a map in the place of the drawing of the red line, where the council has a map service.

const map = document.getElementById("site-map");
const boundary = document.getElementById("boundary");

if (map && boundary && window.L) {
  map.hidden = false;
  document.getElementById("site-plan").hidden = true;
  const outline = window.L.geoJSON(JSON.parse(boundary.textContent), {
    style: { color: "#d4351c", weight: 3, fillOpacity: 0.08 },
    interactive: false,
  });
  const drawn = window.L.map(map, { scrollWheelZoom: false });
  window.L.tileLayer(map.dataset.tiles, { attribution: map.dataset.attribution, maxZoom: 20 }).addTo(drawn);
  outline.addTo(drawn);
  drawn.fitBounds(outline.getBounds(), { maxZoom: 18, padding: [30, 30] });
}
