import SpikeletEvaluation
import Testing

@Suite struct NumPyArrayTests {
  /// A file of format 1.0 with the given type and shape.
  private func file(_ descr: String, _ shape: String, _ values: [UInt8]) -> [UInt8] {
    var header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0] + Array(header.utf8) + values
  }

  @Test func readsBytesAndDoubles() throws {
    let bytes = try NumPyArray(file("|u1", "(2, 3)", [1, 2, 3, 4, 5, 255]), file: "a")
    #expect(bytes.shape == [2, 3])
    #expect(bytes.values == [1, 2, 3, 4, 5, 255])
    let double = try NumPyArray(
      file("<f8", "(1,)", [0, 0, 0, 0, 0, 0, 0xF8, 0xBF]), file: "b")
    #expect(double.values == [-1.5])
  }

  @Test func refusesWhatItCannotRead() {
    let good = file("|u1", "(2, 3)", [1, 2, 3, 4, 5, 6])
    for length in 0..<good.count {
      #expect(throws: GoldenError.self) { try NumPyArray(Array(good.prefix(length)), file: "a") }
    }
    let broken = [
      good + [7], file("<i4", "(1,)", [0, 0, 0, 0]), file("|u1", "(2, x)", [1]),
      file("|u1", "(99999999999, 99999999999)", []), file("|u1", "(-1,)", []),
    ]
    for bytes in broken {
      #expect(throws: GoldenError.self) { try NumPyArray(bytes, file: "a") }
    }
  }
}
