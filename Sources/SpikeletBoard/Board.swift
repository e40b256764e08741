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
    case .showHelp: Output.standard.put(Arguments.help)
    case .showVersion: Output.standard.put("spikelet-board ").put(SpikeletVersion.text).put("\n")
    case .classify: try Classification(arguments: arguments).run()
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
