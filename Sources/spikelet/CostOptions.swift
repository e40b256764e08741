import ArgumentParser
import SpikeletCompiler
import SpikeletSupport

/// What instructions are estimated for.
struct CostOptions: ParsableArguments {
  @Option(
    help: """
      The machine whose instructions are estimated: aarch64, armv7 or x86-64. Default: the \
      configuration's, or its board's, or aarch64.
      """)
  var target: String?

  @Option(
    help: """
      Firing rates in spikes a neuron and timestep, 0 to 1: one for each map of spikes in order, or \
      fewer: the last counts for the rest.
      """)
  var firingRates: String?

  func validate() throws {
    if let target, CostTarget(target) == nil {
      let names = CostTarget.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--target is \"\(target)\", needed one of \(names)")
    }
    _ = try rates
  }

  /// The same for the compiler.
  var machine: CostTarget? { target.flatMap { CostTarget($0) } }

  /// The rates that were given; nil for none.
  var rates: [Double]? {
    get throws {
      try firingRates?.commaSeparated.map { word in
        guard let rate = Double(word), (0...1).contains(rate) else {
          throw ValidationError("--firing-rates: \(word) is no rate, needed 0 to 1")
        }
        return rate
      }
    }
  }

  /// A configuration with what was given here.
  func apply(to configuration: inout Configuration) throws {
    if let machine { configuration.target = machine }
    if let rates = try rates { configuration.firing = .given(rates) }
  }
}
