#if !SPIKELET_WITHOUT_SERVE

  import CBoardPlatform
  import SpikeletRuntime

  extension Arguments {
    /// Microseconds; the clock counts tenths in 31 bits.
    static var longestDeadline: UInt32 { 100_000_000 }

    static var helpOfService: StaticString {
      """
        --deadline US  the best answer so far after US microseconds: another timestep only if one as
                       long as the longest so far still fits; a line says what ended the picture
                       (exit, last or deadline) and by how many microseconds it was late
        --serve        pictures from standard input, a line for each at once, until the input ends or
                       SIGTERM or SIGINT comes; PICTURES and LABELS are not given, and measurements
                       go to standard error

      """
    }

    /// Checks what goes with `--serve` and `--deadline`; true where the pictures come from standard
    /// input.
    mutating func checkService(position: Int) throws(BoardError) -> Bool {
      if deadline != nil, action == .verify {
        throw BoardError.usage("does not go with --verify", CText(literal: "--deadline"))
      }
      #if SPIKELET_EVENTS
        if deadline != nil, events.isContinuous {
          throw BoardError.usage(
            "means nothing with --continuous, which always answers", CText(literal: "--deadline"))
        }
      #endif
      guard serves else { return false }
      guard action == .classify else {
        throw BoardError.usage(
          "reads pictures: no --verify and no --events", CText(literal: "--serve"))
      }
      guard position == 1 else {
        throw BoardError.usage(
          "reads standard input: no PICTURES and no LABELS", CText(literal: "--serve"))
      }
      input = FileName(CText(literal: "-"))
      return true
    }
  }

  extension CText {
    /// A literal, which ends with a zero.
    fileprivate init(literal text: StaticString) {
      unsafe self.init(UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self))
    }
  }

  extension Classification {
    /// Prints the line of a picture now, and says so where nobody takes it.
    func answer(_ index: UInt32) throws(BoardError) {
      guard platform_flush() else { throw BoardError.unanswered(index) }
    }

    /// Reads the next picture; false after the last, or when a signal came.
    ///
    /// A signal ends the input wherever it stands: a picture that had not come whole is none.
    func advance(_ pictures: inout PictureFile) throws(BoardError) -> Bool {
      do throws(BoardError) {
        return try pictures.advance(orNone: arguments.serves)
      } catch {
        guard platform_stopped() == 0 else { return false }
        throw error
      }
    }

    /// Says how many pictures were answered, and why there are no more.
    func reportEnd(_ pictures: UInt32) throws(BoardError) {
      let signal = platform_stopped()
      if signal == 0, platform_input_failed() { throw BoardError.input(pictures) }
      if arguments.isQuiet { return }
      let out = Output.error
      out.put("pictures       ").put(pictures).put(" answered, then ")
      if signal == 0 {
        out.put("the input ended\n")
      } else {
        out.put("signal ").put(signal).put("\n")
      }
    }
  }

#endif
