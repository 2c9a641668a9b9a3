// A map beside a list: the list is the content, this draws the same points on an outline of Europe. No tiles, no outside request.
//   <figure class="map" data-base="/static/.../europe.json" data-points='[{"lat","lon","label","count"?,"note"?,"url"?}]'>
(() => {
  "use strict";
  if (!window.L) return;
  const EUROPE = L.latLngBounds([20.5, -44], [73.5, 65]);
  const NEAR = 30; // pixels: closer than this, points are drawn as one
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  async function draw(figure) {
    const canvas = figure.querySelector(".map-canvas");
    const points = JSON.parse(figure.dataset.points).filter((point) => Number.isFinite(point.lat) && Number.isFinite(point.lon));
    const answer = points.length ? await fetch(figure.dataset.base) : null;
    if (!answer?.ok) {
      figure.hidden = true;
      return;
    }
    const land = await answer.json();
    figure.classList.add("is-drawn");
    const map = L.map(canvas, {
      attributionControl: false, zoomControl: false, minZoom: 2, maxZoom: 8, zoomSnap: 0.25, zoomDelta: 1, maxBounds: EUROPE, maxBoundsViscosity: 1,
      scrollWheelZoom: false, zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
    });
    L.control.zoom({ zoomInTitle: figure.dataset.zoomIn, zoomOutTitle: figure.dataset.zoomOut }).addTo(map);
    L.geoJSON(land, { interactive: false, style: { className: "map-land" } }).addTo(map);
    const where = L.latLngBounds(points.map((point) => [point.lat, point.lon])).pad(0.12);
    // Never beyond the edge of what is drawn, unless the frame is too flat to show every point otherwise.
    map.setMinZoom(Math.min(map.getBoundsZoom(EUROPE, true), Math.max(2, map.getBoundsZoom(where))));
    if (points.length === 1) map.setView([points[0].lat, points[0].lon], 5.5);
    else map.fitBounds(where, { maxZoom: 7 });
    map.panInsideBounds(EUROPE, { animate: false });
    const layer = L.layerGroup().addTo(map);
    const mark = () => place(map, layer, points, figure);
    map.on("zoomend", mark);
    mark();
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(canvas);
    canvas.addEventListener("focusin", () => map.scrollWheelZoom.enable());
    canvas.addEventListener("focusout", () => map.scrollWheelZoom.disable());
    light(figure);
  }

  function groups(map, points) {
    const found = [];
    for (const point of [...points].sort((a, b) => (b.count ?? 1) - (a.count ?? 1))) {
      const at = map.latLngToLayerPoint([point.lat, point.lon]);
      const near = found.find((group) => group.at.distanceTo(at) < NEAR);
      if (near) near.points.push(point);
      else found.push({ at, points: [point] });
    }
    return found;
  }

  function place(map, layer, points, figure) {
    layer.clearLayers();
    for (const { points: together } of groups(map, points)) {
      const first = together[0];
      const count = together.reduce((sum, point) => sum + (point.count ?? 1), 0);
      const size = Math.round(Math.min(58, 22 + 3.4 * Math.sqrt(count)));
      const words = together.map((point) => (point.count ? `${point.label}: ${point.count}` : point.label)).join(", ");
      const icon = L.divIcon({
        className: `map-point${together.length > 1 ? " many" : ""}`, iconSize: [size, size], html: first.count === undefined ? "" : String(count),
      });
      const marker = L.marker([first.lat, first.lon], { icon, title: words, alt: words, riseOnHover: true });
      marker.on("add", () => {
        const element = marker.getElement();
        element.setAttribute("aria-label", words);
        element.dataset.labels = JSON.stringify(together.map((point) => point.label));
      });
      if (together.length > 1 && map.getZoom() < map.getMaxZoom()) {
        marker.on("click keypress", (event) => {
          if (event.originalEvent.key && event.originalEvent.key !== "Enter") return;
          map.fitBounds(L.latLngBounds(together.map((point) => [point.lat, point.lon])).pad(0.6), { maxZoom: 6.5 });
          canvasFocus(figure);
        });
      } else {
        marker.bindPopup(() => popup(together), { closeButton: true });
      }
      marker.addTo(layer);
    }
  }

  const canvasFocus = (figure) => figure.querySelector(".map-canvas").focus({ preventScroll: true });

  function popup(together) {
    const box = document.createElement("div");
    for (const point of together) {
      const line = document.createElement(point.url ? "a" : "strong");
      if (point.url) line.href = point.url;
      line.textContent = point.label;
      box.append(line);
      const note = document.createElement("span");
      note.textContent = point.note ?? (point.count === undefined ? "" : String(point.count));
      box.append(note);
    }
    return box;
  }

  // Pointing at a row of the list lights its mark: <li data-place="Hamburg">.
  function light(figure) {
    const lit = (name, on) => {
      for (const mark of figure.querySelectorAll(".map-point")) {
        if (JSON.parse(mark.dataset.labels ?? "[]").includes(name)) mark.classList.toggle("is-lit", on);
      }
    };
    for (const [kind, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
      document.addEventListener(kind, (event) => {
        const row = event.target.closest?.("[data-place]");
        if (row) lit(row.dataset.place, on);
      });
    }
  }

  // A map that is folded away has no size: it is drawn when it comes into sight.
  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      sight.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "200px" });
  const start = (part) => {
    for (const figure of part.querySelectorAll("figure.map[data-points]:not(.is-drawn)")) sight.observe(figure);
  };
  start(document);
  // A swap may bring maps anywhere on the page (out of band), not only into its target.
  document.addEventListener("htmx:afterSettle", () => start(document));
})();
