import CBoardPlatform
import SpikeletRuntime

/// The command line, taken apart.
struct Arguments {
  enum Action { case classify, verify, followEvents, showHelp, showVersion }

  var action = Action.classify
  /// Without a path: the model in the executable.
  var model = FileName(nil)
  /// The pictures, or the golden vectors.
  var input = FileName(nil)
  var labels: FileName?
  var timesteps: Int?
  /// Nil for the model's own policy.
  var exit: ExitPolicy?
  var repetitions: UInt32 = 1
  var limit: UInt32?
  var isQuiet = false
  var showsScores = false
  var showsNames = false
  #if !SPIKELET_WITHOUT_THREADS
    var threads = 1
  #endif
  #if !SPIKELET_WITHOUT_PROFILE
    var showsProfile = false
  #endif
  #if !SPIKELET_WITHOUT_SERVE
    var serves = false
    /// Tenths of a microsecond for a picture; nil for as long as it takes.
    var deadline: UInt32?
  #endif
  #if SPIKELET_EVENTS
    var events = EventArguments()
  #endif

  /// - Parameter values: what C's `main` got, with the program's name first.
  init(
    count: Int32, values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) throws(BoardError) {
    let embedded = unsafe platform_embedded_model()
    var position = unsafe embedded.count > 0 ? 1 : 0
    var next = 1
    while next < Int(count), let value = unsafe values[next] {
      let argument = unsafe CText(value)
      next &+= 1
      guard argument.count > 1, argument.byte(0) == 45 else {
        try take(argument, position: position)
        position &+= 1
        continue
      }
      #if SPIKELET_EVENTS
        if EventArguments.has(argument) {
          let value = next < Int(count) ? unsafe values[next].map { unsafe CText($0) } : nil
          if try events.take(argument, value: value) { next &+= 1 }
          if events.file != nil { action = .followEvents }
          continue
        }
      #endif
      if argument == "--help" || argument == "-h" {
        action = .showHelp
        return
      } else if argument == "--version" {
        action = .showVersion
        return
      } else if argument == "--verify" {
        action = .verify
      } else if argument == "--scores" {
        showsScores = true
      } else if argument == "--names" {
        showsNames = true
      } else if argument == "--quiet" || argument == "-q" {
        isQuiet = true
      } else if argument == "--timesteps" || argument == "--repeat" || argument == "--limit" {
        guard next < Int(count), let value = unsafe values[next],
          let number = unsafe CText(value).number(upTo: 65535), number >= 1
        else { throw BoardError.usage("needs a number from 1 to 65535", argument) }
        next &+= 1
        if argument == "--timesteps" {
          timesteps = Int(truncatingIfNeeded: number)
        } else if argument == "--repeat" {
          repetitions = number
        } else {
          limit = number
        }
      } else if argument == "--exit" {
        guard next < Int(count), let value = unsafe values[next],
          let policy = ExitPolicy(unsafe CText(value))
        else {
          throw BoardError.usage("needs none, count:N, margin:N or stable:N", argument)
        }
        next &+= 1
        exit = policy
      } else {
        #if !SPIKELET_WITHOUT_THREADS
          if argument == "--threads" {
            guard next < Int(count), let value = unsafe values[next],
              let number = unsafe CText(value).number(upTo: UInt32(Team.maximumThreads)),
              number >= 1
            else { throw BoardError.usage("needs a number from 1 to 16", argument) }
            next &+= 1
            threads = Int(truncatingIfNeeded: number)
            continue
          }
        #endif
        #if !SPIKELET_WITHOUT_PROFILE
          if argument == "--profile" {
            showsProfile = true
            continue
          }
        #endif
        #if SPIKELET_WITHOUT_SERVE
          if argument == "--serve" || argument == "--deadline" {
            throw BoardError.usage("not in this executable: build it with --serve", argument)
          }
        #else
          if argument == "--serve" {
            serves = true
            continue
          }
          if argument == "--deadline" {
            guard next < Int(count), let value = unsafe values[next],
              let number = unsafe CText(value).number(upTo: Self.longestDeadline), number >= 1
            else {
              throw BoardError.usage("needs microseconds from 1 to 100000000", argument)
            }
            next &+= 1
            deadline = number &* 10
            continue
          }
        #endif
        throw BoardError.usage(
          argument == "--threads" || argument == "--profile"
            ? "not in this executable: build it with that option" : "unknown option", argument)
      }
    }
    guard position >= 1 else { throw BoardError.usage("no model file is given", nil) }
    #if !SPIKELET_WITHOUT_SERVE
      if try checkService(position: position) { return }
    #endif
    guard position >= 2 || action == .followEvents else {
      throw BoardError.usage(
        action == .verify ? "no golden vectors are given" : "no file of pictures is given", nil)
    }
  }

  private mutating func take(_ argument: CText, position: Int) throws(BoardError) {
    switch position {
    case 0: model = FileName(argument)
    case 1: input = FileName(argument)
    case 2 where action != .verify: labels = FileName(argument)
    default: throw BoardError.usage("one argument too many", argument)
    }
  }

  /// The options; some are not in every executable.
  static func showHelp() {
    let out = Output.standard
    out.put(help)
    #if !SPIKELET_WITHOUT_THREADS
      out.put("  --threads N    run each picture by N threads together (1 to 16)\n")
    #endif
    #if !SPIKELET_WITHOUT_PROFILE
      out.put("  --profile      measure each layer, too: time, spikes and additions\n")
    #endif
    #if !SPIKELET_WITHOUT_SERVE
      out.put(helpOfService)
    #endif
    out.put(helpOfCodes)
  }

  private static var helpOfCodes: StaticString {
    """

    Exit codes: 0 for success, 1 when a verification fails, 2 for everything that is wrong.

    """
  }

  private static var help: StaticString {
    """
    spikelet-board classifies pictures with a Spikelet model.

      spikelet-board [options] MODEL.spk PICTURES [LABELS]
      spikelet-board --verify MODEL.spk VECTORS

    An executable that holds a model takes no MODEL.spk.

    PICTURES is an IDX file of 3 or 4 dimensions (as of MNIST), a NumPy array of bytes (.npy), PGM
    or PPM pictures or raw bytes, one picture after the other; "-" is standard input. Without
    LABELS, an IDX file, each picture gives a line: its number, class and timesteps. With
    LABELS the accuracy is printed. Measurements follow.

      --timesteps T  run T timesteps instead of the model's own number
      --exit POLICY  none, count:N, margin:N or stable:N instead of the model's own early exit
      --repeat N     run every picture N times, for the measurements of time
      --limit N      only the first N pictures
      --scores       print the scores of each picture, too
      --names        print the name of its class, too, where the model has names
      -q, --quiet    no measurements
      --verify       compare the digest of every layer and timestep with golden vectors, which are
                     a folder with integer.txt and inputs.idx
      --version      print the version
      -h, --help     print this

    """
  }
}

#if SPIKELET_EVENTS
  extension Arguments {
    static var eventHelp: StaticString {
      """
      Events, for a model that reads them:

        spikelet-board [options] MODEL.spk --events FILE

      FILE is a recording of N-MNIST (.bin), Prophesee's DAT, or EVT 2.0, 2.1 or 3.0; "-" is standard
      input. A line is the number of windows so far, the class and the timesteps.

        --window N         windows of N microseconds instead of the model's
        --window-events N  windows of N events
        --sensor W,H       columns and rows of the sensor instead of the model's
        --crop L,T,W,H     the part that is looked at: left, top, width and height
        --downsample N     N columns and rows become one
        --events-format F  nmnist, dat, evt2, evt21, evt21-legacy or evt3
        --continuous       keep the neurons' state from window to window; a line for each

      """
    }
  }
#endif

extension ExitPolicy {
  /// Reads a policy as the host's tool writes it. One with a table is only in a model.
  init?(_ text: CText) {
    if text == "none" {
      self = .none
    } else if let score = text.number(after: "count:", length: 6) {
      self = .count(score)
    } else if let margin = text.number(after: "margin:", length: 7) {
      self = .margin(margin)
    } else if let timesteps = text.number(after: "stable:", length: 7) {
      self = .stable(timesteps)
    } else {
      return nil
    }
  }
}

extension CText {
  /// The number after a criterion's name, or nil where the text is another one.
  fileprivate func number(after name: StaticString, length: Int) -> Int? {
    guard hasPrefix(name), let number = dropping(length).number(upTo: UInt32(Int32.max)),
      number >= 1
    else { return nil }
    return Int(truncatingIfNeeded: number)
  }
}
