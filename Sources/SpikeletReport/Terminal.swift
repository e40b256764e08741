import Foundation

/// What a terminal can show, asked of the system and the environment.
package enum Terminal {
  /// The width of the terminal behind a descriptor; nil for a file or a pipe.
  package static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Whether a descriptor is a terminal that can move its cursor: `TERM=dumb` says that it cannot.
  package static func isCapable(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Whether colours may be written to a descriptor; `NO_COLOR` says that nobody wants them.
  package static func takesColors(_ descriptor: Int32) -> Bool {
    isCapable(descriptor) && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
  }
}
