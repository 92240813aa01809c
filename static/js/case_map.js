/* The red line on a map. Reads GeoJSON from the page; where the page lets it be edited, writes it back into a
   textarea, which is the way without a mouse and without this script. */
(() => {
  "use strict";
  const RED = "#d4351c";

  const read = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };

  /* Polygons of a geometry as lists of rings of [latitude, longitude], open at the end, as Leaflet has them. */
  const polygonsOf = (geometry) => {
    const turned = (ring) => ring.slice(0, -1).map(([longitude, latitude]) => [latitude, longitude]);
    if (!geometry || !Array.isArray(geometry.coordinates)) return [];
    const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    return polygons.map((rings) => rings.map(turned));
  };

  const geometryOf = (polygons) => {
    const rounded = (n) => Math.round(n * 1e7) / 1e7;
    const closed = (ring) => [...ring, ring[0]].map(([latitude, longitude]) => [rounded(longitude), rounded(latitude)]);
    const coordinates = polygons.map((rings) => rings.map(closed));
    return coordinates.length === 1
      ? { type: "Polygon", coordinates: coordinates[0] }
      : { type: "MultiPolygon", coordinates };
  };

  /* Where no tiles are configured: a plain grid, so that moving and zooming can be seen. */
  const grid = () => {
    const layer = L.gridLayer({ maxZoom: 22 });
    layer.createTile = () => {
      const tile = document.createElement("div");
      tile.className = "case-map__tile";
      return tile;
    };
    return layer;
  };

  const makeMap = (element) => {
    const map = L.map(element, { attributionControl: Boolean(element.dataset.attribution), maxZoom: 22 });
    const tiles = element.dataset.tiles;
    (tiles ? L.tileLayer(tiles, { attribution: element.dataset.attribution, maxZoom: 22, maxNativeZoom: 19 }) : grid()).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    return map;
  };

  const showAll = (map, polygons, element) => {
    const points = polygons.flat(2);
    if (points.length) map.fitBounds(points, { padding: [24, 24], maxZoom: 20 });
    else if (element.dataset.latitude) map.setView([Number(element.dataset.latitude), Number(element.dataset.longitude)], 18);
    else map.setView([52.5, -1.5], 6);
  };

  const draw = (layer, polygons) => {
    layer.clearLayers();
    polygons.forEach((rings) => L.polygon(rings, { color: RED, weight: 3, fillOpacity: 0.08 }).addTo(layer));
  };

  /* Polygons of another line for comparison, where the page names one by `data-beside`. */
  const besideOf = (element) => {
    const source = element.dataset.beside ? document.getElementById(element.dataset.beside) : null;
    return source ? polygonsOf(read(source.textContent)) : [];
  };

  const drawDashed = (map, polygons) => {
    polygons.forEach((rings) => L.polygon(rings, { color: "#1d70b8", weight: 2, dashArray: "6 6", fill: false }).addTo(map));
  };

  const edit = (element, map, lines) => {
    const field = document.getElementById(element.dataset.edits);
    const tools = document.querySelector("[data-case-map-tools]");
    const said = tools.querySelector("[data-map-said]");
    const saved = field.value;
    const corners = L.layerGroup().addTo(map);
    let polygons = polygonsOf(read(field.value));
    let drawing = false;
    tools.hidden = false;

    const say = (words) => {
      said.textContent = words;
    };
    const write = () => {
      field.value = polygons.length && polygons[0][0].length > 2 ? JSON.stringify(geometryOf(polygons)) : "";
    };
    const show = () => {
      draw(lines, polygons);
      corners.clearLayers();
      polygons.forEach((rings) => rings.forEach((ring) => ring.forEach((point, index) => {
        const corner = L.marker(point, {
          draggable: true, keyboard: false,
          icon: L.divIcon({ className: "case-map__corner", iconSize: [14, 14] }),
        });
        corner.on("drag", () => {
          const { lat, lng } = corner.getLatLng();
          ring[index] = [lat, lng];
          draw(lines, polygons);
        });
        corner.on("dragend", write);
        corner.addTo(corners);
      })));
    };

    map.on("click", ({ latlng }) => {
      if (!drawing) return;
      polygons[0][0].push([latlng.lat, latlng.lng]);
      write();
      show();
      say(`${polygons[0][0].length} points.`);
    });
    field.addEventListener("change", () => {
      polygons = polygonsOf(read(field.value));
      drawing = false;
      show();
      showAll(map, polygons, element);
    });
    tools.addEventListener("click", ({ target }) => {
      const tool = target.closest("[data-map-tool]")?.dataset.mapTool;
      if (tool === "draw") {
        polygons = [[[]]];
        drawing = true;
        say("Click on the map, corner after corner. The line closes by itself.");
      } else if (tool === "undo" && drawing) {
        polygons[0][0].pop();
        say(`${polygons[0][0].length} points.`);
      } else if (tool === "reset") {
        field.value = saved;
        polygons = polygonsOf(read(saved));
        drawing = false;
        say("This is the red line as it is saved.");
      } else return;
      if (tool !== "reset") write();
      show();
    });
    show();
    showAll(map, polygons, element);
  };

  const start = () => {
    document.querySelectorAll("[data-case-map]").forEach((element) => {
      const map = makeMap(element);
      const lines = L.layerGroup().addTo(map);
      if (element.dataset.edits && !("readonly" in element.dataset)) {
        edit(element, map, lines);
        return;
      }
      const source = document.getElementById(element.dataset.caseMap || element.dataset.edits);
      const polygons = source ? polygonsOf(read(source.value || source.textContent)) : [];
      draw(lines, polygons);
      const beside = besideOf(element);
      showAll(map, [...polygons, ...beside], element);
      drawDashed(map, beside); // once the map knows what it shows
    });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
