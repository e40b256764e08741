#if SPIKELET_EVENTS
  import CBoardPlatform
  import SpikeletRuntime

  /// Decodes a recording, or what a camera sends, bins it, runs the model and decides.
  ///
  /// Without `--continuous` a recording gives one decision. With it every window gives one: the neurons
  /// keep their state from window to window, for as many as the model may run, and then begin anew.
  struct EventRun {
    let arguments: Arguments

    /// Bytes that are read at a time.
    private static var chunkBytes: Int { 4096 }

    /// The bytes that are decoded, and the frame that is filled.
    private struct State {
      /// Bytes in the chunk.
      var count = 0
      var binner: EventBinner
      var monitor: ExitMonitor
      /// Windows that ran.
      var windows: UInt32 = 0
      var hasDecided = false
      #if !SPIKELET_WITHOUT_SERVE
        /// A window stands for a timestep: its events are decoded, or waited for, and it runs.
        var pace = Pace()
        var deadline: UInt32?
      #endif
    }

    func run() throws(BoardError) {
      let file = try MappedFile(arguments.model)
      let model = try Model(file.bytes, name: arguments.model)
      guard let input = arguments.events.file else {
        throw BoardError.usage("needs a recording", nil)
      }
      var settings = EventSettings(model.provenance)
      settings.change(arguments.events)
      guard settings.geometry.isValid, settings.geometry.suits(model) else {
        throw BoardError.unfit(
          arguments.model, "reads other frames than sensor, crop and downsampling give", image: nil)
      }
      guard let window = settings.window else {
        throw BoardError.usage("names no window for streams; give --window", nil)
      }
      var source = try ByteSource(input)
      var chunk = try Memory(byteCount: Self.chunkBytes)
      var frame = try Memory(byteCount: settings.geometry.frameBytes)
      var state = State(
        binner: EventBinner(
          geometry: settings.geometry, window: window,
          origin: settings.beginsAtZero ? 0 : nil),
        monitor: ExitMonitor(arguments.exit ?? model.exitPolicy))
      state.count = source.fill(&chunk)
      guard
        let header = EventHeader(
          chunk.pixels.extracting(0..<state.count),
          isWhole: state.count < Self.chunkBytes)
      else { throw BoardError.unfit(input, "has a header that does not end", image: nil) }
      guard let format = arguments.events.format ?? header.format else {
        throw BoardError.unfit(
          input, "is of a format that is not decoded here; needed N-MNIST, DAT or EVT", image: nil)
      }
      var arena = try Memory(byteCount: model.arenaBytes)
      var engine = try Engine(
        model: model, arena: arena.mutableBytes, name: arguments.model)
      engine.begin()
      #if !SPIKELET_WITHOUT_SERVE
        let now = platform_ticks()
        if let ticks = arguments.deadline { state.deadline = now &+ ticks }
        state.pace.begin(at: now)
      #endif
      let begin = min(header.byteCount, state.count)
      _ = platform_elapsed()
      let counts: EventDecoderCounts
      switch format {
      case .nmnist:
        counts = try pump(NMNISTDecoder(), &source, &chunk, &frame, &state, &engine, begin)
      case .dat: counts = try pump(DATDecoder(), &source, &chunk, &frame, &state, &engine, begin)
      case .evt2: counts = try pump(EVT2Decoder(), &source, &chunk, &frame, &state, &engine, begin)
      case .evt21:
        counts = try pump(EVT21Decoder(), &source, &chunk, &frame, &state, &engine, begin)
      case .evt21Legacy:
        counts = try pump(
          EVT21Decoder(isLegacy: true), &source, &chunk, &frame, &state, &engine, begin)
      case .evt3: counts = try pump(EVT3Decoder(), &source, &chunk, &frame, &state, &engine, begin)
      }
      if !arguments.isQuiet { report(state, counts, ticks: platform_elapsed(), model) }
    }

    /// Everything from bytes to decisions, for one format.
    private func pump<Decoder: EventDecoder>(
      _ first: Decoder, _ source: inout ByteSource, _ chunk: inout Memory,
      _ frame: inout Memory, _ state: inout State, _ engine: inout Engine, _ begin: Int
    ) throws(BoardError) -> EventDecoderCounts {
      var decoder = first
      var position = begin
      start(&state, &frame)
      while true {
        switch fill(&decoder, chunk, &frame, &state, &position) {
        case .windowEnded:
          try runWindow(frame, &state, &engine)
          if state.hasDecided, !arguments.events.isContinuous { return decoder.counts }
          start(&state, &frame)
        case .restarted:
          // Another clock: what came before is one recording, what follows the next.
          if !state.binner.isWindowEmpty { try runWindow(frame, &state, &engine) }
          if !arguments.events.isContinuous {
            try finish(frame, &state, &engine)
            return decoder.counts
          }
          engine.begin()
          start(&state, &frame)
        case .taken:
          guard refill(&source, &chunk, &state, &position) else {
            if !state.binner.isWindowEmpty { try runWindow(frame, &state, &engine) }
            try finish(frame, &state, &engine)
            return decoder.counts
          }
        }
      }
    }

    private func fill<Decoder: EventDecoder>(
      _ decoder: inout Decoder, _ chunk: borrowing Memory, _ frame: inout Memory,
      _ state: inout State, _ position: inout Int
    ) -> EventBinner.Step {
      let bytes = chunk.pixels.extracting(0..<state.count)
      var target = frame.mutableBytes
      return state.binner.fill(&decoder, bytes, &position, &target)
    }

    private func start(_ state: inout State, _ frame: inout Memory) {
      var bytes = frame.mutableBytes
      state.binner.begin(&bytes)
    }

    /// Moves the rest of the bytes to the front and reads more; false at the end.
    private func refill(
      _ source: inout ByteSource, _ chunk: inout Memory, _ state: inout State,
      _ position: inout Int
    ) -> Bool {
      let rest = state.count &- position
      for index in 0..<rest {
        let byte = unsafe chunk.bytes.unsafeLoad(
          fromByteOffset: position &+ index, as: UInt8.self)
        var bytes = chunk.mutableBytes
        bytes.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
      }
      position = 0
      state.count = source.fill(&chunk, from: rest)
      return state.count > rest
    }

    /// A recording that has ended without a decision gets the last one.
    private func finish(
      _ frame: borrowing Memory, _ state: inout State, _ engine: inout Engine
    ) throws(BoardError) {
      guard !arguments.events.isContinuous, !state.hasDecided else { return }
      // Of a recording without events there is the empty frame.
      if engine.timestep == 0 { try step(frame, &engine) }
      decide(engine.rank(), &state, engine)
    }

    /// Prints the one line of a recording.
    private func decide(
      _ ranking: Ranking, _ state: inout State, _ engine: borrowing Engine,
      isDecided: Bool = false, fits: Bool = true
    ) {
      show(ranking, state, engine)
      #if !SPIKELET_WITHOUT_SERVE
        if let deadline = state.deadline {
          TimedDecision(
            prediction: ranking.prediction, timesteps: engine.timestep,
            ending: isDecided ? .exit : fits ? .lastTimestep : .deadline,
            late: state.pace.late(deadline)
          ).show(Output.standard)
        }
      #endif
      Output.standard.put("\n")
      state.hasDecided = true
    }

    private func step(_ frame: borrowing Memory, _ engine: inout Engine) throws(BoardError) {
      do {
        try engine.step(input: frame.pixels)
      } catch {
        throw BoardError.refused(arguments.model, error)
      }
    }

    private func runWindow(
      _ frame: borrowing Memory, _ state: inout State, _ engine: inout Engine
    ) throws(BoardError) {
      let model = engine.model
      if engine.timestep == model.maximumTimesteps { engine.begin() }
      if engine.timestep == 0 {
        state.monitor = ExitMonitor(arguments.exit ?? model.exitPolicy)
      }
      try step(frame, &engine)
      state.windows &+= 1
      let ranking = engine.rank()
      let isDecided = state.monitor.ends(
        after: engine.timestep, ranking, demand: model.exitMargin(engine.timestep))
      let isLast = engine.timestep == arguments.timesteps ?? model.timesteps
      var fits = true
      #if !SPIKELET_WITHOUT_SERVE
        state.pace.end(engine.timestep, at: platform_ticks())
        if let deadline = state.deadline, !isLast { fits = state.pace.fits(before: deadline) }
      #endif
      if arguments.events.isContinuous {
        show(ranking, state, engine)
        if isDecided { Output.standard.put(" decided") }
        Output.standard.put("\n")
        // Whoever follows a camera wants each window when it is over.
        guard platform_flush() else { throw BoardError.output }
      } else if isDecided || isLast || !fits {
        decide(ranking, &state, engine, isDecided: isDecided, fits: fits)
      }
    }

    /// The line of a decision: windows so far, class, timesteps, and the scores where asked for.
    private func show(_ ranking: Ranking, _ state: State, _ engine: borrowing Engine) {
      let out = Output.standard
      out.put(state.windows).put(" ").put(ranking.prediction).put(" ").put(engine.timestep)
      if arguments.showsScores {
        for index in 0..<engine.model.classCount {
          out.put(" ").put(Int32(truncatingIfNeeded: engine.score(index)))
        }
      }
    }

    private func report(
      _ state: State, _ decoder: EventDecoderCounts, ticks: UInt32, _ model: Model
    ) {
      let (out, counts) = (Output.standard, state.binner.counts)
      out.put("windows        ").put(state.windows).put("\n")
      out.put("events         ").put(counts.taken).put(" in frames, ").put(counts.cropped)
        .put(" cropped, ").put(counts.outside).put(" beyond the sensor, ").put(counts.late)
        .put(" too late, ").put(counts.unordered).put(" out of order, ").put(counts.restarts)
        .put(" restarts of the clock, ").put(decoder.unplacedEvents).put(" before any time, ")
        .put(decoder.unknownWords).put(" unknown words\n")
      // Tenths of a microsecond: ten million of them are a second.
      out.put("time           ").put(platform_ratio(ticks, 1, 10)).put(" µs, ")
        .put(platform_ratio(counts.events, 10_000_000, ticks)).put(" events a second\n")
      out.put("memory         arena ").put(model.arenaBytes).put(" bytes, frame ")
        .put(state.binner.geometry.frameBytes).put(" bytes, stack ")
        .put(Int(platform_stack_used())).put(" bytes\n")
    }
  }
#endif
