import Foundation
import SpikeletDatasets
import Testing

@Suite struct DatasetTests {
  /// Runs `body` with an empty folder, which is gone afterwards.
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("spikelet-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func write(_ data: [UInt8], _ path: String, in folder: URL) throws {
    let url = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(data).write(to: url)
  }

  private func images(_ count: Int, side: Int = 28) -> [UInt8] {
    let pixels = (0..<count * side * side).map { UInt8(truncatingIfNeeded: $0 / (side * side)) }
    return idx(0x803, [UInt32(count), UInt32(side), UInt32(side)], pixels)
  }

  private func labels(_ values: [UInt8]) -> [UInt8] { idx(0x801, [UInt32(values.count)], values) }

  private func failure(
    _ name: DatasetName, _ split: Split, _ folder: URL
  ) -> DatasetError? {
    do {
      _ = try Dataset.load(name, split: split, directory: folder)
      return nil
    } catch {
      return error
    }
  }

  @Test func loadsBelowTheRootAndFromTheFolderItself() throws {
    try withFolder { root in
      try write(images(3), "mnist/t10k-images-idx3-ubyte", in: root)
      // Gzip under a plain name, and plain under `.gz`: the content decides.
      try write(stored(labels([7, 2, 1])), "mnist/t10k-labels-idx1-ubyte.gz", in: root)
      for folder in [root, root.appendingPathComponent("mnist")] {
        let set = try Dataset.load(.mnist, split: .test, directory: folder)
        #expect(set.name == "mnist" && set.split == .test && set.count == 3)
        #expect(set.channels == 1 && set.height == 28 && set.width == 28)
        #expect(set.labels == [7, 2, 1])
        #expect(try [UInt8](set.image(2)) == [UInt8](repeating: 2, count: 784))
        #expect(set.className(0) == "7")
      }
      try write(labels([7, 2, 9]), "mnist/t10k-labels-idx1-ubyte.gz", in: root)
      #expect(try Dataset.load(.mnist, split: .test, directory: root).labels == [7, 2, 9])
    }
  }

  @Test func fashionMNISTIsNotTakenFromTheFolderOfMNIST() throws {
    try withFolder { root in
      try write(images(1), "mnist/t10k-images-idx3-ubyte", in: root)
      try write(labels([1]), "mnist/t10k-labels-idx1-ubyte", in: root)
      let folder = root.appendingPathComponent("mnist")
      #expect(failure(.fashionMNIST, .test, folder) != nil)
      #expect(failure(.mnist, .test, folder) == nil)
    }
  }

  @Test func cifarBatchesFollowOneAnother() throws {
    try withFolder { root in
      for batch in 1...5 {
        let record = [UInt8(batch)] + [UInt8](repeating: UInt8(batch * 10), count: 3072)
        try write(record, "cifar-10-batches-bin/data_batch_\(batch).bin", in: root)
      }
      let set = try Dataset.load(.cifar10, split: .train, directory: root)
      #expect(set.labels == [1, 2, 3, 4, 5])
      #expect(set.imageSize == 3072 && set.channels == 3)
      #expect(try [UInt8](set.image(4)) == [UInt8](repeating: 50, count: 3072))
      #expect(set.className(2) == "cat")
      #expect(failure(.cifar10, .test, root)?.description.contains("test_batch.bin") == true)
    }
  }

  @Test func missingFilesAreNamedWithTheCommand() throws {
    try withFolder { root in
      try write(images(1), "mnist/train-images-idx3-ubyte", in: root)
      let text = failure(.mnist, .train, root)?.description ?? ""
      #expect(text.contains("train-labels-idx1-ubyte[.gz]"))
      #expect(!text.contains("train-images"))
      #expect(text.contains(root.appendingPathComponent("mnist").path))
      #expect(text.contains("scripts/download-datasets mnist"))
      let both = failure(.fashionMNIST, .train, root)?.description ?? ""
      #expect(both.contains("train-images") && both.contains("train-labels"))
      #expect(both.contains("scripts/download-datasets fashion-mnist"))
    }
  }

  @Test func filesThatDoNotFitAreNamed() throws {
    try withFolder { root in
      let imagesName = "t10k-images-idx3-ubyte"
      let labelsName = "t10k-labels-idx1-ubyte"
      try write(images(3), imagesName, in: root)
      try write(labels([1, 2]), labelsName, in: root)
      let count = failure(.mnist, .test, root)?.description ?? ""
      #expect(count.contains("3 images, but 2 labels"))
      #expect(count.contains(imagesName) && count.contains(labelsName))

      try write(labels([1, 2, 10]), labelsName, in: root)
      let label = failure(.mnist, .test, root)
      #expect(label?.problem == .label(index: 2, given: 10, limit: 9))
      #expect(label?.file?.hasSuffix(labelsName) == true)

      try write(images(3, side: 20), imagesName, in: root)
      #expect(failure(.mnist, .test, root)?.problem == .shape(needed: "28x28", given: "20x20"))

      try write([UInt8](stored(images(3)).dropLast(9)), imagesName, in: root)
      let truncated = failure(.mnist, .test, root)
      #expect(isTruncated(truncated?.problem))
      #expect(truncated?.description.hasPrefix(root.path) == true)
    }
  }

  @Test func unreadableFilesAreNamed() {
    let error = #expect(throws: DatasetError.self) { try ByteStore.open("/nonexistent/file") }
    #expect(error?.file == "/nonexistent/file")
  }

  @Test func partsMustFit() throws {
    func make(_ images: Int, _ labels: [UInt16]) throws(DatasetError) -> Dataset {
      try Dataset(
        name: "test", split: .test, channels: 1, height: 2, width: 2,
        images: [UInt8](repeating: 0, count: images), labels: labels, classNames: ["a", "b"])
    }
    #expect(try make(8, [0, 1]).count == 2)
    #expect(
      problem { () throws(DatasetError) in try make(12, [0, 1]) }
        == .count(images: 3, labels: 2, labelsFile: "test"))
    #expect(
      problem { () throws(DatasetError) in try make(8, [0, 2]) }
        == .label(index: 1, given: 2, limit: 1))
  }

  @Test func prefixes() throws {
    let set = Dataset.bundledDigits(count: 12)
    #expect(set.prefix(5).count == 5)
    #expect(try set.prefix(5).image(4) == set.image(4))
    #expect(set.prefix(12).labels == set.labels && set.prefix(100).labels == set.labels)
    #expect(try set.prefix(100).allImages() == set.allImages())
    #expect(try set.prefix(0).count == 0 && set.prefix(-1).allImages().isEmpty)
  }

  @Test func everyDataSetNamesItsClasses() {
    for name in DatasetName.allCases {
      let count = name == .cifar100 ? 100 : 10
      #expect(name.classNames.count == count && Set(name.classNames).count == count)
      #expect(DatasetName(rawValue: name.rawValue) == name)
    }
  }
}
