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
    #if !SPIKELET_WITHOUT_PROFILE
      var profile: Profile
    #endif
    #if !SPIKELET_WITHOUT_SERVE
      var deadlines = Deadlines()
    #endif
    #if !SPIKELET_WITHOUT_PROFILE
      init(_ model: Model) throws(BoardError) {
        // Both or neither: what is not copied cannot be there in part.
        let latency = try LatencyHistogram()
        let profile = try Profile(model)
        self.latency = latency
        self.profile = profile
      }
    #else
      init(_ model: Model) throws(BoardError) { latency = try LatencyHistogram() }
    #endif

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
    var arena = try Memory(byteCount: arguments.arenaBytes(model))
    #if !SPIKELET_WITHOUT_SERVE
      // Before threads start: they inherit which signals are held back.
      if arguments.serves, !platform_serve() { throw BoardError.input(0) }
    #endif
    #if SPIKELET_WITHOUT_THREADS
      var engine = try Engine(model: model, arena: arena.mutableBytes, name: arguments.model)
    #else
      let threads = try Threads(arguments.threads)
      var engine = try Engine(
        model: model, arena: arena.mutableBytes, team: threads.team, name: arguments.model)
    #endif
    var figures = try Figures(model)
    #if SPIKELET_WITHOUT_SERVE
      var pictures = try PictureFile(arguments.input, for: model)
    #else
      if arguments.serves { platform_admit_stop() }
      if arguments.deadline != nil { try warmUp(&engine, file, &figures.deadlines) }
      var pictures = try PictureFile(arguments.input, for: model, isAwaited: arguments.serves)
    #endif
    var labels: LabelFile?
    if let name = arguments.labels { labels = try LabelFile(name, for: pictures) }
    if arguments.showsNames, model.classNames.byteCount == 0 {
      throw BoardError.unfit(
        arguments.model, "has no class names; set classNames in its configuration", image: nil)
    }
    try classify(&pictures, &labels, &engine, &figures)
    report(figures, model, modelBytes: file.bytes.byteCount)
  }

  /// Runs the pictures, and compares each with its label or prints a line for it.
  private func classify(
    _ pictures: inout PictureFile, _ labels: inout LabelFile?, _ engine: inout Engine,
    _ figures: inout Figures
  ) throws(BoardError) {
    let model = engine.model
    var index: UInt32 = 0
    while index != arguments.limit, try advance(&pictures) {
      let result = try time(&engine, pictures.current, image: index, &figures)
      figures.add(result.timesteps)
      #if !SPIKELET_WITHOUT_SERVE
        figures.deadlines.add(result)
      #endif
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
      #if !SPIKELET_WITHOUT_SERVE
        if arguments.serves { try answer(index) }
      #endif
      #if !SPIKELET_WITHOUT_PROFILE
        // Last of all: it runs without the exit, and the scores have been looked at.
        if arguments.showsProfile {
          try figures.profile.measure(
            &engine, pictures.current, image: index,
            timesteps: arguments.timesteps ?? model.timesteps, name: arguments.model)
        }
      #endif
      index &+= 1
    }
    if pictures.count == nil, index != arguments.limit {
      try labels?.finish(index, arguments.input)
    }
    #if !SPIKELET_WITHOUT_SERVE
      if arguments.serves { try reportEnd(index) }
    #endif
  }

  #if SPIKELET_WITHOUT_SERVE
    private typealias Answer = Decision

    private func advance(_ pictures: inout PictureFile) throws(BoardError) -> Bool {
      try pictures.advance()
    }
  #else
    private typealias Answer = TimedDecision
  #endif

  /// Prints the line of a picture: number, class, timesteps, and what else was asked for.
  private func show(
    _ result: Answer, of index: UInt32, _ engine: borrowing Engine, _ model: Model
  ) {
    let out = Output.standard
    out.put(index).put(" ").put(result.prediction).put(" ").put(result.timesteps)
    #if !SPIKELET_WITHOUT_SERVE
      if arguments.deadline != nil { result.show(out) }
    #endif
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
    _ figures: inout Figures
  ) throws(BoardError) -> Answer {
    var left = arguments.repetitions
    while true {
      let start = platform_ticks()
      #if SPIKELET_WITHOUT_SERVE
        let result = try engine.run(
          pixels, image: image, timesteps: arguments.timesteps, exit: arguments.exit,
          name: arguments.model)
      #else
        var deadline = arguments.deadline
        if let ticks = deadline { deadline = start &+ ticks }
        let result = try engine.run(
          pixels, image: image, timesteps: arguments.timesteps, exit: arguments.exit,
          deadline: deadline, pace: &figures.deadlines.pace, name: arguments.model)
      #endif
      let ticks = platform_ticks() &- start
      figures.latency.add(ticks)
      #if !SPIKELET_WITHOUT_PROFILE
        figures.profile.add(ticks)
      #endif
      left &-= 1
      if left == 0 { return result }
    }
  }

  private func report(_ figures: borrowing Figures, _ model: Model, modelBytes: Int) {
    #if SPIKELET_WITHOUT_SERVE
      let out = Output.standard
    #else
      // Standard output is for those who asked about pictures.
      let out = arguments.serves ? Output.error : Output.standard
    #endif
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
    #if !SPIKELET_WITHOUT_SERVE
      if arguments.deadline != nil { figures.deadlines.report(out) }
    #endif
    #if !SPIKELET_WITHOUT_PROFILE
      if arguments.showsProfile { figures.profile.report(figures.latency, model, out) }
    #endif
    out.put("memory         arena ").put(arguments.arenaBytes(model)).put(" bytes, model ")
      .put(modelBytes).put(" bytes, stack ").put(Int(platform_stack_used())).put(" bytes")
    let resident = platform_resident()
    if resident > 0 { out.put(", resident ").put(resident).put(" KiB") }
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
