"use strict";

const HEIGHT = 240;
const ALONE = 1.45 * 86400;

// Draws every element with data-chart: lowest, median and highest value over time, in the colours of the page.

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options(figures, width) {
  const colours = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
  const line = (label, stroke, wide) => ({ label, stroke, width: wide, points: { show: true, size: 5 + wide, fill: stroke } });
  return {
    width,
    height: HEIGHT,
    padding: [12, 32, 0, 4],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { x: { time: true, range: spread }, y: { range: (plot, least, most) => [0, most * 1.1 || 1] } },
    axes: [{ ...colours, values: dates, space: 80 }, { ...colours, label: figures.unit, labelSize: 20, size: 56 }],
    series: [
      { label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
      line("lowest", colour("--low"), 1),
      line("median", colour("--link"), 2),
      line("highest", colour("--high"), 1),
    ],
    bands: [{ series: [3, 1], fill: colour("--band") }],
  };
}

// ISO days, with the time where marks stand less than a day apart.
function dates(plot, moments) {
  const within = moments.length > 1 && moments[1] - moments[0] < 86400;
  return moments.map((seconds) => new Date(seconds * 1000).toISOString().slice(within ? 5 : 0, within ? 16 : 10).replace("T", " "));
}

// A single moment gets days of room on both sides, uPlot itself would give it 1,000; no label stands at the very edge.
function spread(plot, first, last) {
  if (plot.data[0].length === 1) return [plot.data[0][0] - ALONE, plot.data[0][0] + ALONE];
  const room = Math.max((last - first) * 0.03, 60);
  return [first - room, last + room];
}

function draw(place) {
  const figures = JSON.parse(place.dataset.chart);
  place.replaceChildren();
  return new uPlot(options(figures, place.clientWidth), [figures.time, figures.low, figures.median, figures.high], place);
}

for (const place of document.querySelectorAll("[data-chart]")) {
  let plot = draw(place);
  new ResizeObserver(() => {
    if (plot.width !== place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    plot.destroy();
    plot = draw(place);
  });
}
