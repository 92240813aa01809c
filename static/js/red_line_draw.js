/* The red line, drawn: on a map with mouse, touch or keyboard, and in a list of corners. Both write into the text box,
   a line for each corner (latitude, longitude), which is what the form sends and the way without this file. */
(() => {
  "use strict";
  const RED = "#d4351c";
  const METRES_PER_DEGREE = 111320;
  const STEP = 1; // metres that an arrow key moves a corner; with Shift ten times as far
  const MOST_LISTED = 200;

  /* Areas as lists of corners [latitude, longitude]; null where the text is none (GeoJSON with holes, for example). */
  const read = (text) => {
    const areas = [[]];
    for (const line of text.trim().split(/\r?\n/)) {
      const numbers = line.match(/[+-]?\d+(\.\d+)?/g) || [];
      if (!line.trim()) areas.push([]);
      else if (numbers.length === 2 && /^[\d\s.,;+-]+$/.test(line)) areas.at(-1).push(inOrder(numbers.map(Number)));
      else return null;
    }
    const found = areas.filter((area) => area.length);
    return found.flat().some((corner) => corner === null) ? null : found;
  };
  const inOrder = ([first, second]) => {
    const isPlace = (latitude, longitude) => latitude > 49 && latitude < 57 && longitude > -8 && longitude < 3;
    if (isPlace(first, second)) return [first, second];
    return isPlace(second, first) ? [second, first] : null; // metres of the National Grid are for the server to read
  };
  const written = (areas) => areas.map((area) => area.map((corner) => corner.map((n) => n.toFixed(7)).join(", ")).join("\n")).join("\n\n");

  const squareMetres = (areas) => Math.abs(areas.reduce((sum, area) => sum + area.reduce((part, [latitude, longitude], index) => {
    const [nextLatitude, nextLongitude] = area[(index + 1) % area.length];
    const east = Math.cos((area[0][0] * Math.PI) / 180);
    return part + ((longitude * nextLatitude - nextLongitude * latitude) * east * METRES_PER_DEGREE ** 2) / 2;
  }, 0), 0));

  const moved = ([latitude, longitude], north, east) => [
    latitude + north / METRES_PER_DEGREE,
    longitude + east / (METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180)),
  ];
  const between = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const ARROWS = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

  const gridOf = () => {
    const layer = L.gridLayer({ maxZoom: 22 });
    layer.createTile = () => {
      const tile = document.createElement("div");
      tile.className = "draw__tile";
      return tile;
    };
    return layer;
  };

  const start = (box) => {
    const field = document.getElementById(box.dataset.draw);
    const said = box.querySelector("[data-draw-said]");
    const list = box.querySelector("[data-draw-corners]");
    const saved = field.value;
    const history = [];
    let areas = read(field.value) || [];
    let drawing = false;
    let map = null;

    const say = (words) => { said.textContent = words; };
    const tell = (words) => {
      const count = areas.flat().length;
      const size = areas.every((area) => area.length > 2) && count ? `, about ${Math.round(squareMetres(areas)).toLocaleString("en-GB")} square metres` : "";
      say(`${words} ${count} corner${count === 1 ? "" : "s"}${size}.`);
    };

    /* One step that can be undone. */
    const change = (words, how) => {
      history.push(JSON.stringify(areas));
      how();
      areas = areas.filter((area) => area.length);
      field.value = written(areas);
      show();
      tell(words);
    };
    const put = (area, index, corner) => change(`Corner ${index + 1} moved.`, () => { areas[area][index] = corner; });
    const add = (area, index, corner) => change(`Corner ${index + 1} added.`, () => areas[area].splice(index, 0, corner));
    const takeOut = (area, index) => change(`Corner ${index + 1} taken out.`, () => areas[area].splice(index, 1));

    // --- The map --------------------------------------------------------------------------------------------------

    let lines;
    let handles;
    const showLines = () => {
      lines.clearLayers();
      areas.forEach((area) => L.polygon(area, { color: RED, weight: 3, fillOpacity: 0.08, interactive: false }).addTo(lines));
    };
    const handle = (place, className, name) => L.marker(place, {
      draggable: true, keyboard: className === "draw__corner", autoPanOnFocus: false, title: name,
      icon: L.divIcon({ className, iconSize: [24, 24] }),
    });
    const named = (marker, name, key) => {
      const icon = marker.getElement();
      icon.setAttribute("aria-label", name);
      icon.dataset.corner = key;
      return icon;
    };
    const focusOn = (key) => handles.getLayers().map((marker) => marker.getElement()).find((icon) => icon?.dataset.corner === key)?.focus();

    const showCorner = (area, index) => {
      const marker = handle(areas[area][index], "draw__corner", `Corner ${index + 1}`).addTo(handles);
      const key = `${area}-${index}`;
      const icon = named(marker, areas.length > 1 ? `Area ${area + 1}, corner ${index + 1}` : `Corner ${index + 1}`, key);
      marker.on("drag", () => {
        const { lat, lng } = marker.getLatLng();
        lines.getLayers()[area].setLatLngs(areas[area].map((corner, one) => (one === index ? [lat, lng] : corner)));
      });
      marker.on("dragend", () => {
        const { lat, lng } = marker.getLatLng();
        put(area, index, [lat, lng]);
      });
      icon.addEventListener("keydown", (event) => {
        if (event.key === "Delete" || event.key === "Backspace") takeOut(area, index);
        else if (ARROWS[event.key]) {
          const metres = event.shiftKey ? STEP * 10 : STEP;
          put(area, index, moved(areas[area][index], ...ARROWS[event.key].map((n) => n * metres)));
        } else return;
        event.preventDefault();
        event.stopPropagation();
        focusOn(areas[area]?.[index] ? key : "0-0");
      });
    };
    const showBetween = (area, index) => {
      const ring = areas[area];
      const marker = handle(between(ring[index], ring[(index + 1) % ring.length]), "draw__between", "Add a corner here").addTo(handles);
      named(marker, "Add a corner here", "");
      marker.getElement().setAttribute("aria-hidden", "true"); // by keyboard corners are added in the list
      const addHere = () => {
        const { lat, lng } = marker.getLatLng();
        add(area, index + 1, [lat, lng]);
      };
      marker.on("click", addHere);
      marker.on("dragend", addHere);
    };
    const showMap = () => {
      if (!map) return;
      showLines();
      handles.clearLayers();
      areas.forEach((ring, area) => ring.forEach((_, index) => {
        showCorner(area, index);
        if (ring.length > 2 && !drawing) showBetween(area, index);
      }));
    };
    const showAll = () => {
      const points = areas.flat();
      if (points.length > 1) map.fitBounds(points, { padding: [40, 40], maxZoom: 20 });
      else if (box.dataset.latitude) map.setView([Number(box.dataset.latitude), Number(box.dataset.longitude)], 18);
      else map.setView([52.5, -1.5], 6);
    };
    const makeMap = () => {
      const element = box.querySelector("[data-draw-map]");
      const { tiles, attribution } = box.dataset;
      map = L.map(element, { attributionControl: Boolean(attribution), maxZoom: 22, scrollWheelZoom: false });
      (tiles ? L.tileLayer(tiles, { attribution, maxZoom: 22, maxNativeZoom: 19 }) : gridOf()).addTo(map);
      L.control.scale({ imperial: false }).addTo(map);
      const present = document.getElementById("present-line");
      if (present) {
        L.geoJSON(JSON.parse(present.textContent), {
          interactive: false, style: { color: "#0b0c0c", weight: 2, dashArray: "6 6", fill: false },
        }).addTo(map);
      }
      lines = L.layerGroup().addTo(map);
      handles = L.layerGroup().addTo(map);
      map.on("click", ({ latlng }) => {
        if (!drawing) return;
        if (!areas.length) areas.push([]);
        add(0, areas[0].length, [latlng.lat, latlng.lng]);
      });
      showAll();
      showMap();
    };

    // --- The list -------------------------------------------------------------------------------------------------

    const tool = (words, name, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "govuk-button govuk-button--secondary";
      made.textContent = words;
      made.setAttribute("aria-label", `${words}: ${name}`);
      made.dataset.tool = words;
      made.addEventListener("click", act);
      return made;
    };
    const refocus = (area, index, words) => list.querySelector(`[data-row="${area}-${index}"] [data-tool="${words}"]`)?.focus();

    const number = (area, index, axis, name) => {
      const group = document.createElement("div");
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.id = `corner-${area}-${index}-${axis}`;
      input.className = "govuk-input govuk-input--width-10";
      input.type = "text";
      input.inputMode = "decimal";
      input.value = areas[area][index][axis].toFixed(6);
      label.className = "govuk-label";
      label.htmlFor = input.id;
      label.textContent = `${axis ? "Longitude" : "Latitude"}`;
      const whose = document.createElement("span");
      whose.className = "govuk-visually-hidden";
      whose.textContent = ` of ${name}`;
      label.append(whose);
      input.addEventListener("change", () => {
        const corner = [...areas[area][index]];
        corner[axis] = Number(input.value);
        if (input.value.trim() === "" || Number.isNaN(corner[axis])) {
          say(`The ${axis ? "longitude" : "latitude"} of ${name} must be a number.`);
          return;
        }
        put(area, index, corner);
      });
      group.append(label, input);
      return group;
    };

    const rowOf = (area, index) => {
      const ring = areas[area];
      const name = areas.length > 1 ? `area ${area + 1}, corner ${index + 1}` : `corner ${index + 1}`;
      const row = document.createElement("li");
      const title = document.createElement("p");
      const boxes = document.createElement("div");
      const tools = document.createElement("div");
      row.className = "corners__corner";
      row.dataset.row = `${area}-${index}`;
      title.className = "corners__area";
      title.textContent = name[0].toUpperCase() + name.slice(1);
      boxes.className = "corners__boxes";
      boxes.append(number(area, index, 0, name), number(area, index, 1, name));
      tools.className = "corners__tools";
      for (const [words, north, east] of [["1 m north", 1, 0], ["1 m south", -1, 0], ["1 m east", 0, 1], ["1 m west", 0, -1]]) {
        tools.append(tool(words, name, () => {
          put(area, index, moved(areas[area][index], north, east));
          refocus(area, index, words);
        }));
      }
      tools.append(tool("Add one after", name, () => {
        add(area, index + 1, ring.length > 1 ? between(ring[index], ring[(index + 1) % ring.length]) : moved(ring[index], 0, 10));
        list.querySelector(`#corner-${area}-${index + 1}-0`)?.focus();
      }));
      tools.append(tool("Take out", name, () => {
        takeOut(area, index);
        refocus(area, Math.min(index, (areas[area]?.length || 1) - 1), "Take out");
      }));
      row.append(title, boxes, tools);
      return row;
    };
    const showList = () => {
      const rows = areas.flatMap((ring, area) => ring.map((_, index) => [area, index])).slice(0, MOST_LISTED);
      list.replaceChildren(...rows.map(([area, index]) => rowOf(area, index)));
      if (!rows.length) {
        const row = document.createElement("li");
        const [latitude, longitude] = [Number(box.dataset.latitude) || 52.5, Number(box.dataset.longitude) || -1.5];
        row.append(tool("Add the first corner", "at the site", () => {
          change("Corner 1 added.", () => areas.push([[latitude, longitude]]));
          list.querySelector("#corner-0-0-0")?.focus();
        }));
        list.append(row);
      }
    };
    const show = () => {
      showMap();
      showList();
    };

    // --- Tools ----------------------------------------------------------------------------------------------------

    const act = {
      new: () => {
        drawing = true;
        change("Click or tap on the map, corner after corner. The line closes by itself.", () => { areas = []; });
      },
      undo: () => {
        if (!history.length) return;
        areas = JSON.parse(history.pop());
        field.value = written(areas);
        show();
        tell("Undone.");
      },
      reset: () => {
        drawing = false;
        change("This is the line as it was when you opened the page.", () => { areas = read(saved) || []; });
        if (map) showAll();
      },
    };
    box.querySelectorAll("[data-draw-tool]").forEach((one) => one.addEventListener("click", act[one.dataset.drawTool]));
    field.addEventListener("change", () => {
      const found = read(field.value);
      if (found === null) {
        say("The map cannot show what the text box holds. It is checked when you save.");
        return;
      }
      history.push(JSON.stringify(areas));
      areas = found;
      drawing = false;
      show();
      if (map) showAll();
      tell("Read from the text box.");
    });

    box.hidden = false;
    showList();
    // Leaflet measures the map when it is made: that must be when it can be seen.
    new IntersectionObserver((seen, observer) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      observer.disconnect();
      makeMap();
    }).observe(box.querySelector("[data-draw-map]"));
  };

  const begin = () => { if (window.L) document.querySelectorAll("[data-draw]").forEach(start); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
