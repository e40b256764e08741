import SpikeletCompiler
import SpikeletSupport

extension FiringMeasurement {
  /// How much fires, map by map.
  package var text: String {
    var table = TextTable(
      ["spikes of", "neurons", "mean", "share", "99.9 %", "maximum"], right: [1, 2, 3, 4, 5])
    for map in maps where map.neurons > 0 {
      let share = 100 * map.spikes.mean / Double(map.neurons)
      table.add([
        map.name, map.neurons.grouped, map.spikes.mean.fixed(1), "\(share.fixed(2)) %",
        Int(map.spikes.rare).grouped, Int(map.spikes.maximum).grouped,
      ])
    }
    return table.text
  }
}
