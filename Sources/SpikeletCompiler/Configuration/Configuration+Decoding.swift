import SpikeletNetwork
import SpikeletSupport

extension Configuration {
  /// The configuration in a JSON text; `file` names it in messages.
  ///
  /// - Throws: where the text is not JSON, or everything that is wrong with the configuration.
  public init(text: String, file: String) throws(Diagnostics) {
    try self.init(
      json: JSONValue.parse(Array(text.utf8), file: file, as: "a configuration"), file: file)
  }

  /// The configuration in a document; `file` names it in messages.
  ///
  /// - Throws: everything that is wrong with it at once: unknown keys, wrong types, values out of
  ///   range.
  public init(json document: JSONValue, file: String) throws(Diagnostics) {
    self.init()
    let problems = ObjectReader.ProblemList()
    if document["name"] == .string("") { problems.items.append(Problem("name", "is empty")) }
    read(ObjectReader(document, path: "", problems: problems), problems)
    if let requestedTimesteps, maximumTimesteps < requestedTimesteps {
      problems.items.append(
        .init(
          "maximumTimesteps",
          "is \(maximumTimesteps), needed at least timesteps, \(requestedTimesteps)"))
    }
    problems.items += contradictions + namingProblems
    if classNames.contains(where: { $0.isEmpty || $0.utf8.contains(10) }) {
      problems.items.append(.init("classNames", "needed names of one line each"))
    }
    guard problems.items.isEmpty else {
      throw Diagnostics("\(file): not a usable configuration", problems.items)
    }
  }

  /// Names that could not be those of files in one folder.
  ///
  /// The name becomes `<name>.spk`, and the name of a board that of its description.
  private var namingProblems: [Problem] {
    [("name", name), ("board", board ?? "")].compactMap { key, name in
      if name.isEmpty { return nil }
      let isPlain = name.unicodeScalars.allSatisfy { !"/\\\0".unicodeScalars.contains($0) }
      guard isPlain, !name.hasPrefix("."), name == name.printable, name.utf8.count <= 200 else {
        return Problem(
          key, "is \"\(name.printableName)\", which is no name of a file",
          advice: "use letters, digits and hyphens, at most 200")
      }
      return nil
    }
  }

  /// Values that are fine alone but not together.
  private var contradictions: [Problem] {
    // Without a calibration the network's file says how many timesteps there are.
    var problems = requestedTimesteps == nil && calibration.isEmpty ? [] : exitContradictions
    let leak = conversion.leak
    if leak.rule != .none, leak.shift == 0 {
      problems.append(.init("conversion.leak.shift", "is missing, needed 1 to 15"))
    }
    if leak.rule == .none || leak.rule == .shift, leak.multiplier != 0 {
      problems.append(.init("conversion.leak.multiplier", "means nothing for this rule"))
    }
    if leak.rule == .none, leak.shift != 0 {
      problems.append(.init("conversion.leak.shift", "means nothing without a rule"))
    }
    if leak.rule == .multiplyFloor || leak.rule == .multiplyTowardZero,
      leak.multiplier > 1 << leak.shift
    {
      problems.append(
        .init(
          "conversion.leak.multiplier",
          "is \(leak.multiplier), needed at most 2^shift, \(1 << leak.shift)"))
    }
    return problems
  }

  private mutating func read(_ root: ObjectReader, _ problems: ObjectReader.ProblemList) {
    root.comment("comment")
    root.requiredString("name", into: &name)
    root.requiredString("network", into: &network)
    root.string("calibration", into: &calibration)
    root.string("dataset", into: &dataset)
    root.strings("classNames", into: &classNames)
    root.optionalString("output", into: &output)
    root.optionalString("board", into: &board)
    root.choice("readOut", [("potential", .potential), ("count", .count)], into: &readOut)
    root.optionalInteger("timesteps", in: 1...65535, into: &requestedTimesteps)
    root.optionalInteger("maximumTimesteps", in: 1...65535, into: &requestedMaximumTimesteps)
    if let reader = root.object("input") { readInput(reader, problems) }
    if let reader = root.object("conversion") { readConversion(reader) }
    if let reader = root.object("nir") { nir = Self.semantics(reader, problems) }
    if let reader = root.object("quantization") {
      reader.choice(
        "weights", (2...16).map { ("int\($0)", $0) }, into: &quantization.weightBits)
      reader.choice(
        "membranes", [("auto", nil), ("int16", 16), ("int32", 32)],
        into: &quantization.membraneBits)
      reader.finish()
    }
    if let reader = root.object("exit") { readExit(reader, problems: problems) }
    if let reader = root.object("budgets") {
      let range = 1...Int(Int32.max)
      reader.optionalInteger("maximumArenaBytes", in: range, into: &budgets.maximumArenaBytes)
      reader.optionalInteger("maximumModelBytes", in: range, into: &budgets.maximumModelBytes)
      readCosts(reader)
      reader.finish()
    }
    root.choice(
      "target", CostTarget.allCases.map { ($0.rawValue, $0) }, into: &target)
    readFiring(root, problems)
    root.finish()
  }

  /// The budgets of instructions.
  private mutating func readCosts(_ reader: ObjectReader) {
    reader.optionalInteger(
      "maximumInstructions", in: 1...1 << 50, into: &budgets.maximumInstructions)
    if reader.keys.contains("maximumMicroseconds") {
      var limit = 1.0
      reader.number("maximumMicroseconds", in: 1e-3...1e12, into: &limit)
      budgets.maximumMicroseconds = limit
    }
    reader.choice("load", Load.allCases.map { ($0.rawValue, $0) }, into: &budgets.load)
    reader.choice("arena", ArenaChoice.allCases.map { ($0.rawValue, $0) }, into: &budgets.arena)
  }

  /// A rate, rates, or the name of a file.
  private mutating func readFiring(_ root: ObjectReader, _ problems: ObjectReader.ProblemList) {
    let key = "firingRates"
    switch root.any(key) {
    case nil: break
    case .string(let name)? where !name.isEmpty: firing = .file(name)
    case .number(let rate)? where (0...1).contains(rate): firing = .given([rate])
    case .array(let items)? where !items.isEmpty:
      let rates = items.compactMap { item -> Double? in
        if case .number(let rate) = item, (0...1).contains(rate) { rate } else { nil }
      }
      if rates.count == items.count {
        firing = .given(rates)
      } else {
        problems.items.append(.init(key, "needed rates of 0 to 1, spikes a neuron and timestep"))
      }
    case let value?:
      problems.items.append(
        .init(
          key, "is \(value.kind), needed a rate of 0 to 1, several, or the name of a file",
          advice: "name a file, and make it with `spikelet calibrate`"))
    }
  }

  /// A profile, and the switches that differ from it.
  private static func semantics(
    _ reader: ObjectReader, _ problems: ObjectReader.ProblemList
  ) -> NeuronSemantics {
    var semantics = NeuronSemantics()
    reader.choice(
      "profile",
      NeuronSemantics.profiles.map { ($0, NeuronSemantics(profile: $0) ?? NeuronSemantics()) },
      into: &semantics)
    // `reset` sets `ifReset` as well, which comes after it.
    for key in NeuronSemantics.keys {
      guard let word = reader.word(key), let wrong = semantics.set(key, word) else { continue }
      problems.items.append(.init("nir.\(key)", wrong))
    }
    reader.finish()
    return semantics
  }

  private mutating func readInput(_ reader: ObjectReader, _ problems: ObjectReader.ProblemList) {
    reader.choice(
      "mode", [("direct", .direct), ("rate", .rate), ("poisson", .poisson), ("events", .events)],
      into: &input.mode)
    if let events = reader.object("events") {
      input.events = EventBinning.read(events, path: "input.events", problems: problems)
    }
    if input.mode == .events, !reader.keys.contains("events") {
      problems.items.append(
        .init(
          "input.events", "is missing, needed for the mode events",
          advice: "say sensor and window; docs/events.md has all keys"))
    }
    if input.mode != .events, reader.keys.contains("events") {
      problems.items.append(
        .init("input.events", "means nothing without the mode events", advice: "set input.mode"))
    }
    if input.mode == .events {
      for key in ["scale", "mean", "std", "seed"] where reader.keys.contains(key) {
        problems.items.append(
          .init("input.\(key)", "means nothing for events: a spike is worth 1"))
      }
      input.scale = 1
    }
    reader.choice("looks", [("once", false), ("mirrored", true)], into: &input.looksAtMirror)
    reader.number("scale", in: 1e-6...1e6, into: &input.scale)
    reader.numbers("mean", into: &input.mean)
    reader.numbers("std", into: &input.std)
    var seed = 0
    reader.integer("seed", in: 0...1 << 53, into: &seed)
    input.seed = UInt64(seed)
    reader.finish()
  }

  private mutating func readConversion(_ reader: ObjectReader) {
    reader.number("percentile", in: 90...100, into: &conversion.percentile)
    reader.choice(
      "granularity", Granularity.allCases.map { ($0.rawValue, $0) }, into: &conversion.granularity)
    reader.choice(
      "normalization", Normalization.allCases.map { ($0.rawValue, $0) },
      into: &conversion.normalization)
    reader.choice(
      "initialPotential", InitialPotential.allCases.map { ($0.rawValue, $0) },
      into: &conversion.initialPotential)
    reader.choice("reset", [("soft", .soft), ("hard", .hard)], into: &conversion.reset)
    reader.choice(
      "averagePooling", AveragePooling.allCases.map { ($0.rawValue, $0) },
      into: &conversion.averagePooling)
    reader.choice(
      "maxPooling", [("count", .countMaximum), ("gated", .gated)], into: &conversion.maxPooling)
    if let leak = reader.object("leak") {
      leak.choice(
        "rule",
        [
          ("none", .none), ("shift", .shift), ("multiply-floor", .multiplyFloor),
          ("multiply-toward-zero", .multiplyTowardZero),
        ], into: &conversion.leak.rule)
      leak.integer("shift", in: 1...15, into: &conversion.leak.shift)
      leak.integer("multiplier", in: 0...32768, into: &conversion.leak.multiplier)
      leak.finish()
    }
    conversion.givenKeys = reader.keys
    reader.finish()
  }
}
