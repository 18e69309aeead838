// What all canvases need.

export const FONT = '"Avenir Next", "Segoe UI", Inter, system-ui, "DejaVu Sans", sans-serif';

// Put a canvas to its place on the page at the screen's own resolution; true when its size has changed.
export function fitCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}
