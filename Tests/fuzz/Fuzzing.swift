import Foundation

/// Counts of what a target did with its inputs, printed when it ends.
struct Counts {
  var inputs = 0
  private var outcomes: [String: Int] = [:]

  mutating func count(_ outcome: String) { outcomes[outcome, default: 0] += 1 }

  func report() {
    let list = outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    FileHandle.standardError.write(
      Data("OUTCOMES inputs \(inputs) \(list.joined(separator: " "))\n".utf8))
  }
}

/// libFuzzer runs one input after the other, on one thread.
nonisolated(unsafe) var counts = Counts()

/// Counts an input; the first call sets up the report.
func countInput() {
  if counts.inputs == 0 { atexit { counts.report() } }
  counts.inputs += 1
}

/// The bytes of an input.
func input(_ data: UnsafePointer<UInt8>?, _ size: Int) -> [UInt8] {
  countInput()
  return [UInt8](UnsafeBufferPointer(start: data, count: size))
}

/// Tries something that may be refused, but only with an error; the message has to be made, too.
func attempt(_ name: String, _ body: () throws -> Void) {
  do {
    try body()
    counts.count(name)
  } catch {
    let text = "\(error)"
    precondition(
      !text.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || $0.value == 127 },
      "a message steers the terminal")
    counts.count("\(name)-refused")
  }
}
