import SpikeletCompiler
import SpikeletSupport

extension ExitCalibration {
  /// What to expect of every criterion, for people.
  ///
  /// - Parameter criterion: the one that the configuration uses; it is marked.
  package func table(of criterion: ExitCriterion) -> String {
    var table = TextTable(
      ["", "criterion", "mean timesteps", "loss", "held back: mean", "loss", "rule"],
      right: [2, 3, 4, 5])
    func points(_ loss: Double) -> String { (loss * 100).fixed(3) }
    for kind in ExitCriterion.allCases {
      guard let choice = criteria[kind] else { continue }
      table.add([
        kind == criterion ? "▸" : "", kind.name, choice.chosenOn.meanTimesteps.fixed(2),
        points(choice.chosenOn.loss), choice.heldBack.meanTimesteps.fixed(2),
        points(choice.heldBack.loss), "\(choice.rule)",
      ])
    }
    return """
      exits that lose at most \((maximumAccuracyLoss * 100).fixed(3)) points against \
      \(timesteps) timesteps, chosen on \(images.chosenOn.grouped) training pictures \
      and checked on \(images.heldBack.grouped) others (losses in points)
      \(table.text)
      """
  }
}
