import Foundation

/// What a program prints, written at once and checked: a pipe that nobody reads, a full disk or a
/// closed stream is an error, not silence.
public enum StandardOutput {
  /// Writes all of a text, or says why it could not be written.
  public static func write(_ text: String) throws(FileError) {
    let code = writeAll(text, to: STDOUT_FILENO)
    guard code == 0 else { throw FileError("standard output", "cannot be written", code: code) }
  }
}

/// Where messages go. A message that cannot be written has nobody else to tell.
public enum StandardError {
  /// Writes a text; where that fails nobody could be told.
  public static func write(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }
}

private func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
  var text = text
  return text.withUTF8 { TemporaryFile.write($0, to: descriptor) }
}

/// `write`, which the types here have methods of the same name as.
func systemWrite(_ descriptor: Int32, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// What a command line tool does about signals and closed streams before anything else.
public enum ProcessSetup {
  /// - A stream that is closed is opened on a device that takes and gives nothing, so that no file of
  ///   the run gets its number, and what is printed does not end up in it.
  /// - Writing to a pipe that nobody reads, or past a limit, is an error of that write.
  /// - A signal that ends the process removes its temporary files first.
  public static func prepare() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // Read-only, so that writing to it fails as it does to a closed one.
      _ = open("/dev/null", O_RDONLY)
    }
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    cleanUp(on: [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) })
  }

  /// A process that was started with a signal ignored, as under nohup, goes on ignoring it.
  private static func isIgnored(_ number: Int32) -> Bool {
    var old = sigaction()
    sigaction(number, nil, &old)
    #if canImport(Glibc)
      let handler = old.__sigaction_handler.sa_handler
    #else
      let handler = old.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == 1
  }

  /// Lets a signal end the process as it would have, once nothing temporary is left.
  ///
  /// A thread waits for it, since a signal handler may do next to nothing. All threads that begin
  /// later inherit that it is blocked for them.
  private static func cleanUp(on numbers: [Int32]) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    guard !numbers.isEmpty, pthread_sigmask(SIG_BLOCK, &signals, nil) == 0 else { return }
    Thread.detachNewThread { [signals] in
      var signals = signals
      var number: Int32 = 0
      while sigwait(&signals, &number) != 0 {}
      Temporaries.removeAll()
      signal(number, SIG_DFL)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      kill(getpid(), number)
    }
  }
}
