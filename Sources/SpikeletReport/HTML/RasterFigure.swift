import SpikeletEvaluation
import SpikeletSupport

/// The spikes of some neurons of a layer: a row a neuron, a column a timestep.
struct RasterFigure {
  let name: String
  let layer: PictureTrace.Layer
  let timesteps: Int

  var svg: String {
    let rows = layer.raster.count
    let (left, top, width) = (26.0, 30.0, 326.0)
    let height = max(60, 3.5 * Double(rows))
    let (dx, dy) = (width / Double(max(1, timesteps)), height / Double(max(1, rows)))
    let spikes = layer.spikesPerTimestep.reduce(0, +)
    let all = layer.counts.count
    let title = "Spikes of \(layer.name)"
    var canvas = Canvas(
      name, width: 360, height: height + 66, title: title,
      description: "\(spikes) spikes of \(all) neurons in \(timesteps) timesteps; drawn are "
        + "\(rows) neurons.")
    canvas.text(title.clipped(44), 4, 16, style: "heading")
    canvas.rectangle(left, top, width, height, style: "plot")
    var words = ""
    for (row, neuron) in layer.raster.enumerated() {
      for (t, fired) in neuron.spikes.enumerated() where fired {
        let (x, y) = (left + dx * Double(t), top + dy * Double(row))
        // At least a pixel, and a gap where there is room for one.
        let (w, h) = (max(1, dx - (dx > 3 ? 1 : 0)), max(1, dy - (dy > 2 ? 0.5 : 0)))
        words += "M\(x.plain) \(y.plain)h\(w.plain)v\(h.plain)h-\(w.plain)z"
      }
    }
    if !words.isEmpty { canvas.path(words, style: "fill1") }
    for t in Ticks.timesteps(timesteps) {
      canvas.text("\(t)", left + dx * (Double(t) - 0.5), top + height + 15, anchor: "middle")
    }
    canvas.text("timestep", left + width / 2, top + height + 31, style: "muted", anchor: "middle")
    canvas.text(
      "neurons", 12, top + height / 2, style: "muted", anchor: "middle",
      turned: true)
    return canvas.svg
  }
}
