// The alignment explorer: waveform, mel spectrogram, similarity matrix and path on one time axis.
// All layers are here; a change of layer, similarity function or path asks nothing of the server.

// Without autoexpand nothing widens these: not the colour bar, not a long label. Sound, matrix, marks and clicks
// stand on one time axis only while both plots keep exactly these margins.
const MARGIN = { l: 96, r: 104, t: 6, b: 38, autoexpand: false };
const FONT = { family: '"Open Sans", verdana, arial, sans-serif', size: 12 };
const LABEL_WIDTH = MARGIN.l - 8;
const SOUND_HEIGHT = 190;
const UNDEFINED = 255;
const SCALE = "Viridis";
const NO_PLOTLY = "The explorer cannot draw: neither Streamlit nor the plotly package brought a plotly.js that runs here. " +
  "Install the versions that requirements.txt names.";
const explorers = new WeakMap();
const latestCall = new WeakMap();
const ruler = document.createElement("canvas").getContext("2d");

function bytes(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

// plotly reads a small part of HTML in labels; text of the user must stay text
function label(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function clipped(text, width) {
  ruler.font = `${FONT.size}px ${FONT.family}`;
  const fits = (shown) => ruler.measureText(shown).width <= width;
  if (fits(text)) return text;
  const letters = [...text];
  while (letters.length > 1 && !fits(letters.join("") + "…")) letters.pop();
  return letters.join("") + "…";
}

// Streamlit's module that draws its own charts sets the global Plotly; under the same address the browser has it
// once, however many charts, examples and visits there are. Its name and what it sets are no promise of Streamlit's:
// where it brings nothing, the server is asked for the plotly.js of the plotly package, which comes with the data.
async function havePlotly({ plotly_file, plotly_source }) {
  if (globalThis.Plotly) return true;
  if (plotly_source) {
    (0, eval)(plotly_source);
    return Boolean(globalThis.Plotly);
  }
  try {
    const streamlit = document.querySelector('script[type="module"][src*="static/js/"]');
    await import(new URL(plotly_file, streamlit.src).href);
  } catch { /* asked of the server instead */ }
  return Boolean(globalThis.Plotly);
}

class Explorer {
  constructor(root) {
    this.root = root;
    for (const name of ["words", "plots", "sound", "matrix", "band", "row", "head", "readout"]) {
      this[name] = root.querySelector("." + name);
    }
    this.slider = root.querySelector(".layer-slider");
    this.similarities = root.querySelector(".similarities");
    this.pathChoice = root.querySelector(".path-choice");
    this.listen();
  }

  // -- data ---------------------------------------------------------------

  load(data) {
    this.stop();
    this.data = data;
    this.layer = Math.min(data.layer, data.layer_labels.length - 1);
    this.similarity = data.similarity;
    this.pathName = Object.keys(this.side().paths)[0];
    this.selection = null;
    this.buffer = null;
    this.values = Object.fromEntries(Object.entries(data.sides).map(([name, side]) => [name, bytes(side.codes)]));
    this.showChoices();
    this.mel = bytes(data.mel.codes);
    this.range = [0, data.duration_s];
    this.slider.max = data.layer_labels.length - 1;
    this.showWords();
    this.draw();
    this.showState();
  }

  get nSpeech() { return this.data.spans.length; }
  get nText() { return this.data.tokens.length; }
  side() { return this.data.sides[this.similarity]; }
  path() { return this.side().paths[this.pathName][this.layer]; }

  value(i, j) {
    const side = this.side();
    const code = this.values[this.similarity][(this.layer * this.nText + j) * this.nSpeech + i];
    return code === UNDEFINED ? NaN : side.low + (code / 254) * (side.high - side.low);
  }

  rows() {
    const side = this.side(), codes = this.values[this.similarity], n = this.nSpeech;
    const step = (side.high - side.low) / 254, out = new Array(this.nText);
    for (let j = 0; j < this.nText; j++) {
      const row = new Float32Array(n), at = (this.layer * this.nText + j) * n;
      for (let i = 0; i < n; i++) row[i] = codes[at + i] === UNDEFINED ? NaN : side.low + codes[at + i] * step;
      out[j] = row;
    }
    return out;
  }

  pathPoints() {
    const x = [], y = [], v = [];
    this.path().forEach((i, j) => {
      if (i < 0) return;
      x.push(this.centre(i));
      y.push(j);
      v.push(this.value(i, j));
    });
    return { x, y, v };
  }

  centre(i) { return (this.data.spans[i][0] + this.data.spans[i][1]) / 2; }

  // -- drawing ------------------------------------------------------------

  colours() {
    const style = getComputedStyle(this.root);
    return { text: style.color, grid: "rgba(128,128,128,0.25)" };
  }

  axis(extra) {
    const c = this.colours();
    return { color: c.text, gridcolor: c.grid, zeroline: false, fixedrange: true, ...extra };
  }

  layout(height, margin, axes) {
    const c = this.colours();
    return {
      height, margin, ...axes, showlegend: false, dragmode: "zoom", hovermode: "closest",
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(128,128,128,0.35)", font: { ...FONT, color: c.text },
    };
  }

  draw() {
    const config = { displayModeBar: false, responsive: true, doubleClick: "reset" };
    Plotly.newPlot(this.sound, this.soundTraces(), this.soundLayout(), config);
    Plotly.newPlot(this.matrix, this.matrixTraces(), this.matrixLayout(), config);
    this.drawnColour = this.colours().text;
    for (const plot of [this.sound, this.matrix]) plot.on("plotly_relayout", (change) => this.zoomed(plot, change));
    this.marks();
  }

  soundTraces() {
    const d = this.data, n = d.envelope_low.length, x = [], low = [], high = [];
    for (let k = 0; k < n; k++) {
      x.push(((k + 0.5) * d.duration_s) / n);
      low.push(d.envelope_low[k]);
      high.push(d.envelope_high[k]);
    }
    const line = { width: 0.5, color: "#56b4e9" }, mel = [];
    for (let b = 0; b < d.mel.bands; b++) mel.push(this.mel.subarray(b * d.mel.frames, (b + 1) * d.mel.frames));
    return [
      { x, y: low, line, mode: "lines", hoverinfo: "skip", yaxis: "y2" },
      { x, y: high, line, mode: "lines", fill: "tonexty", fillcolor: "#56b4e9", hoverinfo: "skip", yaxis: "y2" },
      { type: "heatmap", z: mel, x0: 0, dx: d.mel.hop_s, y0: 0, dy: 1, colorscale: "Cividis", showscale: false, hoverinfo: "skip" },
    ];
  }

  soundLayout() {
    const mel = this.data.mel, ticks = mel.tick_bands;
    return this.layout(SOUND_HEIGHT, { ...MARGIN, b: 6 }, {
      xaxis: this.axis({ range: this.range, showticklabels: false, fixedrange: false }),
      yaxis: this.axis({ domain: [0, 0.64], title: { text: "mel, Hz", standoff: 4 }, tickvals: ticks, ticktext: mel.tick_hz, showgrid: false }),
      yaxis2: this.axis({ domain: [0.68, 1], range: [-1.02 * this.data.peak, 1.02 * this.data.peak], tickvals: [], showgrid: false }),
    });
  }

  matrixTraces() {
    const side = this.side(), first = this.data.spans[0], p = this.pathPoints();
    const heat = {
      type: "heatmap", z: this.rows(), x0: this.centre(0), dx: this.data.token_s, y0: 0, dy: 1,
      zmin: side.low, zmax: side.high, colorscale: SCALE, reversescale: !side.higher_is_better,
      colorbar: { title: { text: side.title.replace(" ", "<br>"), side: "top" }, thickness: 12, len: 1, outlinewidth: 0, x: 1.01 },
      hoverongaps: true, hoverinfo: "none", xgap: 0, ygap: 0,
    };
    const path = {
      type: "scatter", mode: "lines+markers", x: p.x, y: p.y, hoverinfo: "none",
      line: { color: "rgba(255,255,255,0.75)", width: 1.5 },
      marker: { symbol: "diamond", size: this.nText > 40 ? 6 : 10, color: "#ffffff", line: { color: "#000000", width: 1.2 } },
    };
    return [heat, path];
  }

  matrixLayout() {
    const every = Math.max(1, Math.ceil(this.nText / 28)), at = [], names = [];
    for (let j = 0; j < this.nText; j += every) {
      at.push(j);
      names.push(label(clipped(this.data.tokens[j].trim(), LABEL_WIDTH)));
    }
    const height = Math.min(520, Math.max(230, 34 * this.nText)) + MARGIN.t + MARGIN.b;
    return this.layout(height, MARGIN, {
      xaxis: this.axis({ range: this.range, title: { text: "time in s, one column a speech token", standoff: 6 }, fixedrange: false, showgrid: false }),
      yaxis: this.axis({ range: [this.nText - 0.5, -0.5], tickvals: at, ticktext: names, showgrid: false }),
    });
  }

  redraw() {
    const side = this.side(), p = this.pathPoints();
    const scale = { zmin: side.low, zmax: side.high, colorscale: SCALE, reversescale: !side.higher_is_better };
    const changed = this.drawnSimilarity !== this.similarity;
    this.drawnSimilarity = this.similarity;
    Object.assign(this.matrix.data[0], { z: this.rows() }, changed ? scale : {});
    if (changed) this.matrix.data[0].colorbar.title.text = side.title.replace(" ", "<br>");
    Object.assign(this.matrix.data[1], { x: p.x, y: p.y });
    Plotly.redraw(this.matrix);
    this.marks();
  }

  zoomed(from, change) {
    if (this.syncing) return;
    const auto = change["xaxis.autorange"];
    const range = auto ? [0, this.data.duration_s] : [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (range[0] === undefined) return;
    this.range = range;
    this.syncing = true;
    const both = [this.sound, this.matrix].map((plot) => Plotly.relayout(plot, { "xaxis.range": range, "xaxis.autorange": false }));
    Promise.all(both).then(() => { this.syncing = false; this.marks(); });
  }

  // -- marks over the plots, without a redraw ------------------------------

  pixel(time) {
    const width = this.plots.clientWidth - MARGIN.l - MARGIN.r, [from, to] = this.range;
    return MARGIN.l + (Math.min(Math.max((time - from) / (to - from), 0), 1)) * width;
  }

  marks() {
    const s = this.selection;
    this.band.style.display = this.row.style.display = "none";
    [...this.words.children].forEach((word, j) => word.classList.toggle("on", !!s && s.text_token === j));
    const top = this.matrix.offsetTop + MARGIN.t, inner = this.matrix.clientHeight - MARGIN.t - MARGIN.b;
    if (s) {
      const left = this.pixel(s.start_s), right = this.pixel(s.end_s);
      Object.assign(this.band.style, {
        display: "block", left: left + "px", width: Math.max(1, right - left) + "px",
        top: MARGIN.t + "px", height: top + inner - MARGIN.t + "px",
      });
      if (s.text_token !== null) {
        const h = inner / this.nText;
        Object.assign(this.row.style, {
          display: "block", left: MARGIN.l + "px", width: this.plots.clientWidth - MARGIN.l - MARGIN.r + "px",
          top: top + h * s.text_token + "px", height: h + "px",
        });
      }
    }
    this.showExtra();
  }

  showExtra() {
    for (const old of this.plots.querySelectorAll(".chosen")) old.remove();
    const changed = new Set(this.data.chosen.map(([, j]) => j));
    [...this.words.children].forEach((word, j) => word.classList.toggle("changed", changed.has(j)));
    for (const [i] of this.data.chosen) {
      const mark = document.createElement("div"), [start, end] = this.data.spans[i];
      mark.className = "band chosen";
      Object.assign(mark.style, {
        display: "block", left: this.pixel(start) + "px", width: this.pixel(end) - this.pixel(start) + "px",
        top: MARGIN.t + "px", height: this.matrix.offsetTop + this.matrix.clientHeight - MARGIN.b - MARGIN.t + "px",
      });
      this.plots.append(mark);
    }
  }

  showWords() {
    this.words.replaceChildren(...this.data.tokens.map((token, j) => {
      const word = document.createElement("button");
      word.type = "button";
      word.dir = "auto";
      word.textContent = token.trim() || "␣";
      word.addEventListener("click", () => this.selectWord(j));
      return word;
    }));
  }

  showChoices() {
    this.similarities.replaceChildren(...Object.entries(this.data.sides).map(([name, side]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("role", "radio");
      button.dataset.similarity = name;
      button.textContent = side.title[0].toUpperCase() + side.title.slice(1);
      button.addEventListener("click", () => this.setSimilarity(name));
      return button;
    }));
    const paths = Object.keys(this.side().paths);
    this.pathChoice.replaceChildren(...paths.map((name) => new Option(name, name)));
    this.pathChoice.closest("label").hidden = paths.length < 2;
  }

  showState() {
    this.slider.value = this.layer;
    this.root.querySelector(".layer-name").textContent = this.data.layer_labels[this.layer];
    for (const b of this.similarities.children) b.setAttribute("aria-checked", String(b.dataset.similarity === this.similarity));
    Object.assign(this.root.dataset, {
      layer: this.layer, similarity: this.similarity, path: this.pathName, drawn: "yes",
      selection: this.selection ? `${this.selection.speech_token},${this.selection.text_token}` : "",
    });
    this.say(this.selection ? this.describe(this.selection.speech_token, this.selection.text_token) : "");
  }

  describe(i, j) {
    const [start, end] = this.data.spans[i] || [0, 0];
    const where = i === null ? "no speech token" : `speech token ${i}, ${start.toFixed(2)} to ${end.toFixed(2)} s`;
    if (j === null || i === null) return where;
    const v = this.value(i, j), shown = Number.isNaN(v) ? "undefined" : v.toFixed(3);
    return `${where} · text token ${j} “${this.data.tokens[j].trim()}” · ${this.side().title} ${shown}, layer ${this.data.layer_labels[this.layer]}`;
  }

  say(text) { this.readout.textContent = text; }

  // -- acting -------------------------------------------------------------

  listen() {
    this.slider.addEventListener("input", () => this.setLayer(Number(this.slider.value)));
    this.pathChoice.addEventListener("change", () => this.setPath(this.pathChoice.value));
    this.root.querySelector(".play").addEventListener("click", () => this.playSelection());
    this.root.querySelector(".clear").addEventListener("click", () => this.select(null));
    this.root.addEventListener("keydown", (event) => this.key(event));
    // plotly lays a cover over the page while a button is down, so the end of a click is heard on the window
    this.plots.addEventListener("pointerdown", (down) => {
      addEventListener("pointerup", (up) => this.clicked(down, up), { capture: true, once: true });
    }, true);
    this.plots.addEventListener("pointermove", (event) => this.hovered(event));
    this.plots.addEventListener("pointerleave", () => this.showState());
    this.resized = new ResizeObserver(() => this.data && requestAnimationFrame(() => this.marks()));
    this.resized.observe(this.plots);
    this.themed = setInterval(() => this.data && this.colours().text !== this.drawnColour && this.draw(), 700);
  }

  close() {
    clearInterval(this.themed);
    this.resized.disconnect();
    this.stop();
    this.context?.close();
    explorers.delete(this.root);
  }

  key(event) {
    if (event.target.tagName === "SELECT") return;
    const moves = { ArrowLeft: -1, ArrowRight: 1 }, onButton = event.target.tagName === "BUTTON";
    if (event.key in moves) this.setLayer(this.layer + moves[event.key]);
    else if (event.key === " " && !onButton) this.playSelection();
    else if (event.key === "Escape") this.select(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  setLayer(layer) {
    if (layer < 0 || layer >= this.data.layer_labels.length || layer === this.layer) return;
    this.layer = layer;
    this.redraw();
    this.showState();
  }

  setSimilarity(name) {
    if (name === this.similarity) return;
    this.similarity = name;
    this.redraw();
    this.showState();
  }

  setPath(name) {
    this.pathName = name;
    this.redraw();
    this.showState();
  }

  cellAt(event) {
    const box = this.plots.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    const width = box.width - MARGIN.l - MARGIN.r, [from, to] = this.range;
    if (x < MARGIN.l || x > MARGIN.l + width) return null;
    const time = from + ((x - MARGIN.l) / width) * (to - from);
    const i = this.data.spans.findIndex(([start, end]) => start <= time && time < end);
    if (i < 0) return null;
    const inMatrix = y - this.matrix.offsetTop - MARGIN.t, inner = this.matrix.clientHeight - MARGIN.t - MARGIN.b;
    if (inMatrix > inner) return null;
    const j = inMatrix < 0 ? null : Math.min(this.nText - 1, Math.floor((inMatrix / inner) * this.nText));
    return { i, j: y > this.matrix.offsetTop ? j : null };
  }

  clicked(down, up) {
    const moved = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
    const cell = moved < 5 ? this.cellAt(up) : null;
    if (cell) this.selectCell(cell.i, cell.j);
    this.root.focus({ preventScroll: true });
  }

  hovered(event) {
    const cell = this.data && this.cellAt(event);
    if (cell) this.say(this.describe(cell.i, cell.j));
  }

  selectWord(j) {
    const i = this.path()[j];
    this.selectCell(i < 0 ? null : i, j);
  }

  selectCell(i, j) {
    const old = this.selection;
    if (old && old.speech_token === i && old.text_token === j) return this.select(null);
    const [start_s, end_s] = i === null ? [0, 0] : this.data.spans[i];
    this.select({ start_s, end_s, speech_token: i, text_token: j, layer: this.layer, similarity: this.similarity });
    if (i !== null) this.play(start_s, end_s);
  }

  select(selection) {
    if (!selection) this.stop();
    this.selection = selection;
    this.marks();
    this.showState();
    this.send(selection);
  }

  // -- sound --------------------------------------------------------------

  async play(start_s, end_s) {
    this.stop();
    this.root.dataset.playing = `${start_s},${end_s}`;
    this.context = this.context || new AudioContext();
    if (!this.buffer) this.buffer = await this.context.decodeAudioData(bytes(this.data.wav).buffer);
    await this.context.resume();
    this.source = this.context.createBufferSource();
    this.source.buffer = this.buffer;
    this.source.connect(this.context.destination);
    const began = this.context.currentTime;
    this.source.onended = () => this.stop();
    this.source.start(0, start_s, Math.max(0.02, end_s - start_s));
    this.root.dataset.played = `${start_s},${end_s}`;
    const follow = () => {
      if (!this.source) return;
      const now = Math.min(end_s, start_s + this.context.currentTime - began);
      Object.assign(this.head.style, {
        display: "block", left: this.pixel(now) + "px", top: MARGIN.t + "px",
        height: this.matrix.offsetTop + this.matrix.clientHeight - MARGIN.b - MARGIN.t + "px",
      });
      requestAnimationFrame(follow);
    };
    follow();
  }

  playSelection() {
    const s = this.selection;
    if (s && s.speech_token !== null) this.play(s.start_s, s.end_s);
    else this.play(0, this.data.duration_s);
  }

  stop() {
    if (this.source) {
      this.source.onended = null;
      try { this.source.stop(); } catch { /* it had ended already */ }
      this.source = null;
    }
    delete this.root.dataset.playing;
    this.head.style.display = "none";
  }
}

export default async function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".explorer"), call = {};
  latestCall.set(root, call);
  const isLatest = () => latestCall.get(root) === call; // while one call waits for plotly.js the next may come
  const drawable = await havePlotly(data);
  if (!isLatest()) return undefined;
  if (!drawable) {
    if (data.plotly_source) root.querySelector(".readout").textContent = NO_PLOTLY;
    else setStateValue("plotly_wanted", true);
    return undefined;
  }
  let explorer = explorers.get(root);
  if (!explorer) {
    explorer = new Explorer(root);
    explorers.set(root, explorer);
  }
  explorer.send = (selection) => setStateValue("selection", selection);
  if (explorer.data?.id !== data.id) {
    // the page may not be laid out yet; plotly needs the width
    requestAnimationFrame(() => root.isConnected && explorer.load(data));
  } else {
    explorer.data.chosen = data.chosen;
    explorer.marks();
  }
  return () => isLatest() && explorer.close();
}
