import CBoardPlatform
import SpikeletRuntime

/// Classifies the pictures of a file and prints what came of it.
struct Classification {
  let arguments: Arguments

  private struct Figures: ~Copyable {
    var pictures: UInt32 = 0
    var right: UInt32 = 0
    /// The sum of the timesteps of the first pictures, and their number: all of them, unless the
    /// sum would not fit 32 bits.
    var timesteps: UInt32 = 0
    var timedPictures: UInt32 = 0
    var digest = ScoresDigest()
    var latency: LatencyHistogram

    init() throws(BoardError) { latency = try LatencyHistogram() }

    mutating func add(_ timesteps: Int) {
      pictures &+= 1
      digest.add(Int32(truncatingIfNeeded: timesteps))
      let (sum, overflow) = self.timesteps.addingReportingOverflow(
        UInt32(truncatingIfNeeded: timesteps))
      if overflow { return }
      self.timesteps = sum
      timedPictures &+= 1
    }
  }

  func run() throws(BoardError) {
    let file = try MappedFile(arguments.model)
    let model = try Model(file.bytes, name: arguments.model)
    var arena = try Memory(byteCount: model.arenaBytes)
    var pictures = try PictureFile(arguments.input, for: model)
    var labels: LabelFile?
    if let name = arguments.labels { labels = try LabelFile(name, for: pictures) }
    var figures = try Figures()
    if arguments.showsNames, model.classNames.byteCount == 0 {
      throw BoardError.unfit(
        arguments.model, "has no class names; set classNames in its configuration", image: nil)
    }
    try classify(&pictures, &labels, model, arena.mutableBytes, &figures)
    report(figures, model, modelBytes: file.bytes.byteCount)
  }

  /// Runs the pictures, and compares each with its label or prints a line for it.
  private func classify(
    _ pictures: inout PictureFile, _ labels: inout LabelFile?, _ model: Model,
    _ arena: consuming MutableRawSpan, _ figures: inout Figures
  ) throws(BoardError) {
    var engine = try Engine(model: model, arena: arena, name: arguments.model)
    var index: UInt32 = 0
    while index != arguments.limit, try pictures.advance() {
      let result = try time(&engine, pictures.current, image: index, &figures.latency)
      figures.add(result.timesteps)
      for index in 0..<model.classCount {
        figures.digest.add(Int32(truncatingIfNeeded: engine.score(index)))
      }
      if let label = try labels?.next(classCount: model.classCount) {
        if Int32(truncatingIfNeeded: label) == Int32(truncatingIfNeeded: result.prediction) {
          figures.right &+= 1
        }
        if arguments.showsScores || arguments.showsNames {
          show(result, of: index, engine, model)
        }
      } else {
        show(result, of: index, engine, model)
      }
      index &+= 1
    }
    if pictures.count == nil, index != arguments.limit {
      try labels?.finish(index, arguments.input)
    }
  }

  /// Prints the line of a picture: number, class, timesteps, and what else was asked for.
  private func show(
    _ result: Decision, of index: UInt32, _ engine: borrowing Engine, _ model: Model
  ) {
    let out = Output.standard
    out.put(index).put(" ").put(result.prediction).put(" ").put(result.timesteps)
    if arguments.showsScores {
      for index in 0..<model.classCount {
        out.put(" ").put(Int32(truncatingIfNeeded: engine.score(index)))
      }
    }
    if arguments.showsNames { out.put(" ").put(model.className(result.prediction)) }
    out.put("\n")
  }

  /// Classifies a picture as often as was asked for.
  private func time(
    _ engine: inout Engine, _ pixels: Span<UInt8>, image: UInt32,
    _ latency: inout LatencyHistogram
  ) throws(BoardError) -> Decision {
    var left = arguments.repetitions
    while true {
      let start = platform_ticks()
      let result = try engine.run(
        pixels, image: image, timesteps: arguments.timesteps, exit: arguments.exit,
        name: arguments.model)
      latency.add(platform_ticks() &- start)
      left &-= 1
      if left == 0 { return result }
    }
  }

  private func report(_ figures: borrowing Figures, _ model: Model, modelBytes: Int) {
    let out = Output.standard
    if arguments.labels != nil {
      out.put("accuracy       ")
        .put(platform_ratio(figures.right, 10000, figures.pictures), decimals: 2)
        .put(" % (").put(figures.right).put(" of ").put(figures.pictures).put(")\n")
    }
    if arguments.isQuiet { return }
    out.put("scores digest  ").put(digest: figures.digest.value).put("\n")
    out.put("timesteps      mean ")
      .put(platform_ratio(figures.timesteps, 100, figures.timedPictures), decimals: 2)
      .put(" of ").put(arguments.timesteps ?? model.timesteps).put("\n")
    out.put("latency        median ").put(figures.latency.quantile(50), decimals: 1)
      .put(" µs, 90 % in ").put(figures.latency.quantile(90), decimals: 1)
      .put(" µs, maximum ").put(figures.latency.largest, decimals: 1).put(" µs\n")
    out.put("memory         arena ").put(model.arenaBytes).put(" bytes, model ")
      .put(modelBytes).put(" bytes, stack ").put(Int(platform_stack_used())).put(" bytes")
    let resident = platform_peak_resident()
    if resident > 0 { out.put(", peak resident ").put(resident).put(" KiB") }
    out.put("\n")
  }
}

extension Model {
  /// The name of a class, of a model that has names: one line each.
  @_lifetime(copy self)
  fileprivate func className(_ index: Int) -> RawSpan {
    let text = classNames
    var line = 0
    var start = 0
    for position in 0..<text.byteCount
    where unsafe text.unsafeLoad(fromByteOffset: position, as: UInt8.self) == 10 {
      if line == index { return text.extracting(start..<position) }
      line &+= 1
      start = position &+ 1
    }
    return text.extracting(0..<0)
  }
}
