extension NeuronSemantics {
  /// The names of all profiles.
  public static let profiles = known.map(\.profile)

  /// The profile of a name; nil for an unknown one.
  public init?(profile: String) {
    guard let match = Self.known.first(where: { $0.profile == profile }) else { return nil }
    self = match
  }

  private static func profile(_ name: String, _ change: (inout Self) -> Void) -> Self {
    var result = Self()
    result.profile = name
    change(&result)
    return result
  }

  /// Each as its reader of NIR files has it; docs/nir.md says where that stands.
  private static let known: [Self] = [
    Self(),
    profile("snntorch") {
      $0.ifCurrent = .resistance
      $0.reset = .zero
      $0.ifReset = .subtract
    },
    profile("spikingjelly") {
      $0.compare = .reached
      $0.start = .reset
    },
    profile("norse") {
      $0.dt = 1e-3
      $0.current = .unit
      $0.ifCurrent = .whole
      $0.reset = .zero
      $0.ifReset = .zero
      $0.start = .leak
    },
    profile("sinabs") {
      $0.dt = 1
      $0.integration = .exponential
      $0.current = .whole
      $0.ifCurrent = .whole
      $0.reset = .subtract
      $0.ifReset = .subtract
      $0.compare = .reached
      $0.lowest = .threshold
      $0.spikes = 8
    },
    profile("rockpool") {
      $0.dt = 1e-3
      $0.integration = .exponential
      $0.current = .whole
      $0.ifCurrent = .whole
      $0.reset = .subtract
      $0.ifReset = .subtract
      $0.compare = .reached
      $0.spikes = 8
    },
    profile("spyx") {
      $0.dt = 1
      $0.current = .whole
      $0.ifCurrent = .whole
      $0.reset = .subtract
      $0.ifReset = .subtract
      $0.resetTime = .afterLeak
    },
    profile("lava") {
      $0.current = .unit
      $0.ifCurrent = .whole
      $0.reset = .zero
      $0.ifReset = .zero
    },
    profile("lava-fixed") {
      $0.current = .unit
      $0.ifCurrent = .whole
      $0.reset = .zero
      $0.ifReset = .zero
      $0.arithmetic = .lava
    },
    profile("nengo") {
      $0.dt = 1e-3
      $0.integration = .exponential
      $0.current = .exact
      $0.reset = .zero
      $0.ifReset = .zero
    },
    profile("spinnaker2") {
      $0.integration = .exponential
      $0.current = .exact
      $0.reset = .zero
      $0.ifReset = .zero
    },
  ]
}

extension NeuronSemantics {
  /// The switches, in the order in which they are told.
  public static let keys = [
    "dt", "integration", "current", "ifCurrent", "reset", "ifReset", "resetTime", "compare",
    "start", "lowest", "spikes", "recurrentDelay", "arithmetic",
  ]

  /// The value of a switch as text; nil for an unknown one.
  public func text(_ key: String) -> String? {
    switch key {
    case "dt": "\(dt)"
    case "integration": integration.rawValue
    case "current": current.rawValue
    case "ifCurrent": ifCurrent.rawValue
    case "reset": reset.rawValue
    case "ifReset": ifReset.rawValue
    case "resetTime": resetTime.rawValue
    case "compare": compare.rawValue
    case "start": start.rawValue
    case "lowest": lowest.rawValue
    case "spikes": "\(spikes)"
    case "recurrentDelay": "\(recurrentDelay)"
    case "arithmetic": arithmetic.rawValue
    default: nil
    }
  }

  /// Sets a switch from text.
  ///
  /// `reset` sets `ifReset` as well, unless that is given itself.
  ///
  /// - Returns: What was needed instead, or nil where the switch was set.
  public mutating func set(_ key: String, _ value: String) -> String? {
    func word<Value: RawRepresentable & CaseIterable>(
      _ path: WritableKeyPath<Self, Value>
    ) -> String? where Value.RawValue == String {
      guard let word = Value(rawValue: value) else {
        return "needed one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")
      }
      self[keyPath: path] = word
      return nil
    }
    func whole(_ path: WritableKeyPath<Self, Int>, _ range: ClosedRange<Int>) -> String? {
      guard let number = Int(value), range.contains(number) else {
        return "needed a whole number of \(range.lowerBound) to \(range.upperBound)"
      }
      self[keyPath: path] = number
      return nil
    }
    let wrong: String?
    switch key {
    case "dt":
      if let number = Double(value), number > 0, number.isFinite {
        dt = number
        wrong = nil
      } else {
        wrong = "needed a number above 0, in the unit of the file's time constants"
      }
    case "integration": wrong = word(\.integration)
    case "current": wrong = word(\.current)
    case "ifCurrent": wrong = word(\.ifCurrent)
    case "reset":
      wrong = word(\.reset)
      if wrong == nil, !given.contains("ifReset") { ifReset = reset }
    case "ifReset": wrong = word(\.ifReset)
    case "resetTime": wrong = word(\.resetTime)
    case "compare": wrong = word(\.compare)
    case "start": wrong = word(\.start)
    case "lowest": wrong = word(\.lowest)
    case "spikes": wrong = whole(\.spikes, 1...8)
    case "recurrentDelay": wrong = whole(\.recurrentDelay, 1...1000)
    case "arithmetic": wrong = word(\.arithmetic)
    default: return "is an unknown switch; known are " + Self.keys.joined(separator: ", ")
    }
    if wrong == nil { given.insert(key) }
    return wrong.map { "is \"\(value)\", \($0)" }
  }
}
