#if !SPIKELET_WITHOUT_SERVE

  import CBoardPlatform
  import SpikeletRuntime

  /// What came of the deadlines of all pictures. Times are tenths of a microsecond.
  struct Deadlines {
    var pace = Pace()
    private var byExit: UInt32 = 0
    private var byLast: UInt32 = 0
    private var byDeadline: UInt32 = 0
    private var late: UInt32 = 0
    private var latest: UInt32 = 0

    mutating func add(_ decision: TimedDecision) {
      switch decision.ending {
      case .exit: byExit &+= 1
      case .lastTimestep: byLast &+= 1
      case .deadline: byDeadline &+= 1
      }
      if decision.late > 0 { late &+= 1 }
      latest = max(latest, decision.late)
    }

    func report(_ out: Output) {
      out.put("deadline       missed by ").put(late).put(" pictures, at most by ")
        .put(latest, decimals: 1).put(" µs; longest timestep ").put(pace.longest, decimals: 1)
        .put(" µs\n")
      out.put("ended by       exit ").put(byExit).put(", last timestep ").put(byLast)
        .put(", deadline ").put(byDeadline).put("\n")
    }
  }

  extension TimedDecision {
    /// What ended a picture and by how much it was late, for its line.
    func show(_ out: Output) {
      switch ending {
      case .exit: out.put(" exit ")
      case .lastTimestep: out.put(" last ")
      case .deadline: out.put(" deadline ")
      }
      out.put(late, decimals: 1)
    }
  }

  extension Classification {
    /// Runs the model twice before there is a picture, so that its pages are in memory and the length of
    /// a timestep is known. The pixels are bytes of the model: noise, which fires more than most pictures.
    func warmUp(
      _ engine: inout Engine, _ file: borrowing MappedFile, _ deadlines: inout Deadlines
    ) throws(BoardError) {
      let size = engine.model.inputCount
      guard file.bytes.byteCount >= size else { return }
      for _ in 0..<2 {
        deadlines.pace = Pace()
        _ = try engine.run(
          file.pixels.extracting(0..<size), image: 0, timesteps: arguments.timesteps,
          exit: ExitPolicy.none, deadline: nil, pace: &deadlines.pace, name: arguments.model)
      }
    }
  }

#endif
