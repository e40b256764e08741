import SpikeletDatasets
import Testing

/// The bytes of an IDX file: magic, sizes, payload.
func idx(_ magic: UInt32, _ sizes: [UInt32], _ payload: [UInt8]) -> [UInt8] {
  ([magic] + sizes).flatMap { word in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
  } + payload
}

@Suite struct IDXTests {
  private let images = idx(0x803, [2, 3, 4], [UInt8](0..<24))
  private let labels = idx(0x801, [5], [3, 1, 4, 1, 5])

  private func imagesProblem(_ data: [UInt8]) -> DatasetError.Problem? {
    problem { () throws(DatasetError) in try IDX.images(data) }
  }

  private func labelsProblem(_ data: [UInt8]) -> DatasetError.Problem? {
    problem { () throws(DatasetError) in try IDX.labels(data) }
  }

  @Test func readsImagesAndLabels() throws {
    let read = try IDX.images(images)
    #expect(read == IDX.Images(count: 2, height: 3, width: 4, pixels: [UInt8](0..<24)))
    #expect(try IDX.labels(labels) == [3, 1, 4, 1, 5])
  }

  @Test func gzipIsFoundByContent() throws {
    #expect(try IDX.labels(stored(labels)) == [3, 1, 4, 1, 5])
    #expect(try IDX.images(stored(images)).pixels == [UInt8](0..<24))
    #expect(isTruncated(labelsProblem([UInt8](stored(labels).dropLast()))))
  }

  @Test func wrongMagic() {
    #expect(
      imagesProblem(labels)
        == .magic(needed: 0x803, given: 0x801, what: "IDX images"))
    #expect(
      labelsProblem(images)
        == .magic(needed: 0x801, given: 0x803, what: "IDX labels"))
    #expect(
      labelsProblem(idx(0x0108_0000, [1], [0]))
        == .magic(needed: 0x801, given: 0x0108_0000, what: "IDX labels"))
  }

  @Test func everyWrongLengthIsNamed() {
    for length in 0..<images.count {
      let given = [UInt8](images[..<length])
      let expected: DatasetError.Problem =
        length < 16 ? .header(needed: 16, given: length) : .length(needed: 40, given: length)
      #expect(imagesProblem(given) == expected)
    }
    #expect(imagesProblem(images + [0]) == .length(needed: 40, given: 41))
    for length in 0..<labels.count {
      let given = [UInt8](labels[..<length])
      let expected: DatasetError.Problem =
        length < 8 ? .header(needed: 8, given: length) : .length(needed: 13, given: length)
      #expect(labelsProblem(given) == expected)
    }
    #expect(labelsProblem(labels + [0]) == .length(needed: 13, given: 14))
  }

  @Test func dimensionsOutOfRange() {
    let sides = IDX.maximumSide
    let counts = IDX.maximumCount
    #expect(
      imagesProblem(idx(0x803, [0, 3, 4], []))
        == .dimension(name: "number of images", given: 0, limit: counts))
    #expect(
      imagesProblem(idx(0x803, [2, 0, 4], []))
        == .dimension(name: "height", given: 0, limit: sides))
    #expect(
      imagesProblem(idx(0x803, [2, 3, .max], []))
        == .dimension(name: "width", given: .max, limit: sides))
    #expect(
      labelsProblem(idx(0x801, [.max], []))
        == .dimension(name: "number of labels", given: .max, limit: counts))
    // The largest of all: the length is still computed without overflow.
    #expect(
      imagesProblem(idx(0x803, [UInt32(counts), UInt32(sides), UInt32(sides)], []))
        == .length(needed: 16 + counts * sides * sides, given: 16))
  }
}

/// `data` as a gzip file with one stored block.
func stored(_ data: [UInt8]) -> [UInt8] {
  func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + little(data.count, 2)
    + little(~data.count, 2) + data + little(Int(checksum(data)), 4) + little(data.count, 4)
}

/// The CRC-32 of `data`, bit by bit: a second implementation to test against.
func checksum(_ data: [UInt8]) -> UInt32 {
  ~data.reduce(0xFFFF_FFFF as UInt32) { register, byte in
    (0..<8).reduce(register ^ UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }
}

@Suite struct CIFARTests {
  private func record(_ labels: [UInt8]) -> [UInt8] {
    labels + (0..<3072).map { UInt8(truncatingIfNeeded: $0 / 1024 * 50 + Int(labels[0])) }
  }

  private func batch(_ data: [UInt8], hundred: Bool = false) throws(DatasetError) -> CIFAR.Batch {
    try CIFAR.batch(
      .memory(data, path: "batch"), labelBytes: hundred ? 2 : 1, classCount: hundred ? 100 : 10)
  }

  private func batchProblem(_ data: [UInt8], hundred: Bool = false) -> DatasetError.Problem? {
    problem { () throws(DatasetError) in try batch(data, hundred: hundred) }
  }

  @Test func splitsLabelsFromPixels() throws {
    let batch = try batch(record([9]) + record([0]))
    #expect(batch.labels == [9, 0])
    #expect(try Array(batch.pictures.picture(0)) == Array(record([9]).dropFirst()))
    #expect(try Array(batch.pictures.picture(1)) == Array(record([0]).dropFirst()))
  }

  @Test func theFineLabelsOfCIFAR100Count() throws {
    let batch = try batch(record([19, 99]) + record([3, 0]), hundred: true)
    #expect(batch.labels == [99, 0])
    #expect(try Array(batch.pictures.picture(0)) == Array(record([19, 99]).dropFirst(2)))
    #expect(
      batchProblem(record([1, 100]), hundred: true) == .label(index: 0, given: 100, limit: 99))
  }

  @Test func onlyWholeRecords() {
    for count in [0, 1, 3072, 3074, 6145] {
      #expect(
        batchProblem([UInt8](repeating: 0, count: count))
          == .records(size: 3073, given: count))
    }
  }

  @Test func labelsAboveNine() {
    #expect(batchProblem(record([1]) + record([10])) == .label(index: 1, given: 10, limit: 9))
  }
}
