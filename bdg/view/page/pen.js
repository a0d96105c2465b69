// Two pens with the same strokes: one draws into a canvas, the other writes SVG.
const FONT = 'system-ui, "DejaVu Sans", sans-serif';

class CanvasPen {
  constructor(canvas) {
    const ratio = window.devicePixelRatio || 1;
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    const [wide, high] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
    }
    this.context = canvas.getContext("2d");
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
  }
  begin() {
    this.context.beginPath();
  }
  move(x, y) {
    this.context.moveTo(x, y);
  }
  line(x, y) {
    this.context.lineTo(x, y);
  }
  curve(cx, cy, x, y) {
    this.context.quadraticCurveTo(cx, cy, x, y);
  }
  close() {
    this.context.closePath();
  }
  rectangle(x, y, width, height) {
    this.context.rect(x, y, width, height);
  }
  circle(x, y, radius) {
    this.context.moveTo(x + radius, y);
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  fill(colour) {
    this.context.fillStyle = colour;
    this.context.fill();
  }
  stroke(colour, width = 1, dash = []) {
    const context = this.context;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.lineJoin = "round";
    context.stroke();
  }
  text(string, x, y, { size = 12, anchor = "start", baseline = "middle", colour, turned = false, bold = false }) {
    const context = this.context;
    context.save();
    context.translate(x, y);
    if (turned) context.rotate(-Math.PI / 2);
    context.font = `${bold ? "600 " : ""}${size}px ${FONT}`;
    context.textAlign = anchor === "middle" ? "center" : anchor;
    context.textBaseline = baseline;
    context.fillStyle = colour;
    context.fillText(string, 0, 0);
    context.restore();
  }
  measure(string, size = 12) {
    this.context.font = `${size}px ${FONT}`;
    return this.context.measureText(string).width;
  }
  clip(x, y, width, height) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
  }
  unclip() {
    this.context.restore();
  }
}

class SvgPen {
  constructor(width, height, background) {
    this.width = width;
    this.height = height;
    this.parts = [];
    this.clips = 0;
    this.path = [];
    this.parts.push(`<rect width="${width}" height="${height}" fill="${background}"/>`);
    this.ruler = document.createElement("canvas").getContext("2d");
  }
  begin() {
    this.path = [];
  }
  move(x, y) {
    this.path.push(`M${round(x)} ${round(y)}`);
  }
  line(x, y) {
    this.path.push(`L${round(x)} ${round(y)}`);
  }
  curve(cx, cy, x, y) {
    this.path.push(`Q${round(cx)} ${round(cy)} ${round(x)} ${round(y)}`);
  }
  close() {
    this.path.push("Z");
  }
  rectangle(x, y, width, height) {
    this.path.push(`M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}Z`);
  }
  circle(x, y, radius) {
    const r = round(radius);
    this.path.push(
      `M${round(x - radius)} ${round(y)}a${r} ${r} 0 1 0 ${round(2 * radius)} 0a${r} ${r} 0 1 0 ${round(-2 * radius)} 0`,
    );
  }
  fill(colour) {
    if (this.path.length) this.parts.push(`<path d="${this.path.join("")}" fill="${colour}"/>`);
  }
  stroke(colour, width = 1, dash = []) {
    const dashes = dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : "";
    if (this.path.length)
      this.parts.push(
        `<path d="${this.path.join("")}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dashes}/>`,
      );
  }
  text(string, x, y, { size = 12, anchor = "start", baseline = "middle", colour, turned = false, bold = false }) {
    const shift = { middle: 0.35, top: 0.8, bottom: -0.2, alphabetic: 0 }[baseline] * size;
    const turn = turned ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : "";
    const weight = bold ? ' font-weight="600"' : "";
    this.parts.push(
      `<text x="${round(x)}" y="${round(y)}" dy="${round(shift)}" font-size="${size}" text-anchor="${anchor}" fill="${colour}"${weight}${turn}>${escaped(string)}</text>`,
    );
  }
  measure(string, size = 12) {
    this.ruler.font = `${size}px ${FONT}`;
    return this.ruler.measureText(string).width;
  }
  clip(x, y, width, height) {
    const name = `clip-${++this.clips}`;
    this.parts.push(
      `<clipPath id="${name}"><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/></clipPath><g clip-path="url(#${name})">`,
    );
  }
  unclip() {
    this.parts.push("</g>");
  }
  get svg() {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}" font-family="${escaped(FONT)}">${this.parts.join("\n")}</svg>\n`;
  }
}

const round = (value) => Math.round(100 * value) / 100;
const escaped = (text) =>
  text.replace(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one]);
