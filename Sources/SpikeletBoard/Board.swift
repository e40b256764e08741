import CBoardPlatform
import SpikeletRuntime

/// The program: what `main` returns is the exit code.
@c(spikelet_board_main)
public func spikeletBoardMain(
  _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  platform_mark_stack()
  do throws(BoardError) {
    let arguments = unsafe try Arguments(count: count, values: arguments)
    var isExact = true
    switch arguments.action {
    case .showHelp:
      Arguments.showHelp()
      #if SPIKELET_EVENTS
        Output.standard.put(Arguments.eventHelp)
      #endif
    case .showVersion: Output.standard.put("spikelet-board ").put(SpikeletVersion.text).put("\n")
    case .classify: try Classification(arguments: arguments).run()
    #if SPIKELET_EVENTS
      case .followEvents: try EventRun(arguments: arguments).run()
    #else
      case .followEvents: break
    #endif
    case .verify: isExact = try Verification(arguments: arguments).run()
    }
    guard platform_flush() else { throw BoardError.output }
    return isExact ? 0 : 1
  } catch {
    error.report()
    _ = platform_flush()
    return 2
  }
}
