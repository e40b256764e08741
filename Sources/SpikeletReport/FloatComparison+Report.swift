import SpikeletEvaluation

extension FloatComparison {
  package var text: String {
    var table = TextTable(
      ["layer", "equal counts", "mean rate error", "largest rate error"], right: [1, 2, 3])
    for layer in layers {
      table.add([
        layer.name, "\((layer.equalCountShare * 100).fixed(2)) %", layer.meanRateError.fixed(5),
        layer.maximumRateError.fixed(4),
      ])
    }
    return table.text + """

      read-out: largest potential error \(potentialError.fixed(4)) λ; \
      same class on \((agreement * 100).fixed(1)) % of \(images) pictures
      """
  }
}
