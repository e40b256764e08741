import SpikeletRuntime

/// The board's program, all of it, with its sources compiled in and files of memory: arguments, and
/// whichever file the arguments' number of bytes selects. The other files are good ones.
///
/// The target `board-events` is the program that reads recordings: the pictures are one.
///
/// An input is one byte that says which file it holds, arguments of which each ends in a line break, an
/// empty line, and the file.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  countInput()
  guard let data, size >= 1 else { return 0 }
  let bytes = UnsafeBufferPointer(start: data, count: size)
  var arguments: [[UInt8]] = [Array("spikelet-board".utf8)]
  var position = 1
  while position < size, arguments.count < 16 {
    let line = bytes[position...].prefix { $0 != 10 && $0 != 0 }
    position = min(size, line.endIndex + 1)
    if line.isEmpty { break }
    arguments.append(Array(line))
  }
  selectFile(Int32(bytes[0]) % 5, data + position, size - position)
  let exitCode = withArguments(arguments) { count, values in
    isBounded(count, values) ? spikeletBoardMain(count, values) : -1
  }
  endRun()
  precondition(exitCode == -1 || (0...2).contains(exitCode))
  counts.count(exitCode == -1 ? "long" : "exit-\(exitCode)")
  return 0
}

/// Whether the arguments ask for so little that an input takes no longer than the others: a number of
/// repetitions is slow but no mistake. Threads end with the process, and here it goes on without the
/// memory that they sleep in, so there is one.
private func isBounded(
  _ count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Bool {
  guard let arguments = try? Arguments(count: count, values: values) else { return true }
  #if SPIKELET_EVENTS
    // A time that runs ahead by half an hour is a hundred thousand empty windows.
    if arguments.events.isContinuous {
      guard case .count = arguments.events.window else { return false }
    }
  #endif
  return arguments.threads == 1 && arguments.repetitions <= 8 && (arguments.timesteps ?? 1) <= 64
}

private func withArguments<Result>(
  _ arguments: [[UInt8]],
  _ body: (Int32, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let texts = arguments.map { text in
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
    for (index, byte) in text.enumerated() { copy[index] = CChar(bitPattern: byte) }
    copy[text.count] = 0
    return copy
  }
  var values: [UnsafeMutablePointer<CChar>?] = texts + [nil]
  defer { for text in texts { text.deallocate() } }
  return body(Int32(arguments.count), &values)
}

/// Of Tests/fuzz/memory-files.c: whose bytes one of the five files has, and the end of a run.
@_silgen_name("memory_files_select")
private func selectFile(_ file: Int32, _ bytes: UnsafePointer<UInt8>, _ count: Int)
@_silgen_name("memory_files_end")
private func endRun()
