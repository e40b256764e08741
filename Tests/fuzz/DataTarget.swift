import Foundation
import SpikeletDatasets
import SpikeletEvaluation

/// The file that a reader of files is given; one for all inputs, which come one after the other.
private let path = FileManager.default.temporaryDirectory
  .appending(path: "spikelet-fuzz-\(ProcessInfo.processInfo.processIdentifier)").path

/// The readers of data: IDX, gzip, CIFAR, NumPy's arrays, pictures, archives, tables, and own data
/// as a whole with what is found beside it.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  attempt("images") {
    let images = try IDX.images(bytes)
    precondition(images.pixels.count == images.count * images.height * images.width)
  }
  attempt("labels") { _ = try IDX.labels(bytes) }
  for (labelBytes, classes) in [(1, 10), (2, 100)] {
    attempt("cifar") {
      let store = ByteStore.memory(bytes, path: "f")
      let batch = try CIFAR.batch(store, labelBytes: labelBytes, classCount: classes)
      precondition(batch.pictures.count == batch.labels.count)
      let picture = try batch.pictures.picture(0)
      precondition(picture.count == CIFAR.shape.byteCount)
    }
  }
  attempt("gzip") {
    let unpacked = try Gzip.decompress(bytes, limit: 1 << 20)
    precondition(unpacked.count <= 1 << 20)
  }
  attempt("zlib") {
    let unpacked = try Zlib.decompress(bytes, limit: 1 << 20)
    precondition(unpacked.count <= 1 << 20)
  }
  attempt("numpy") {
    let array = try NumPyArray(bytes, file: "f.npy")
    precondition(array.values.count == array.shape.reduce(1, *))
  }
  attempt("bitmap") {
    let shape = try Bitmap.shape(bytes)
    guard shape.byteCount <= 1 << 22 else { return }
    let bitmap = try Bitmap.decode(bytes)
    precondition(bitmap.shape == shape && bitmap.pixels.count == shape.byteCount)
  }
  attempt("zip") {
    let zip = try Zip(.memory(bytes, path: "f"))
    for member in zip.members {
      attempt("member") {
        let (store, range) = try zip.open(member, limit: 1 << 20)
        precondition(range.count == member.size)
        _ = try ArrayHeader.numPy(store, in: range)
      }
    }
  }
  // The first byte chooses how the rest is read.
  guard let choice = bytes.first else { return 0 }
  attempt("table") {
    let table = try PixelTable(
      .memory(Array(bytes.dropFirst()), path: "f"),
      shape: PictureShape(channels: 1, height: 2, width: 2),
      column: choice & 1 == 0 ? .automatic : .last, order: .planes,
      scale: choice & 2 == 0 ? nil : 255, classNames: ["a", "b"])
    for index in 0..<table.count {
      let picture = try table.picture(index)
      precondition(picture.count == 4)
    }
  }
  attempt("own") { try readOwn(choice, Array(bytes.dropFirst())) }
  return 0
}

private func readOwn(_ choice: UInt8, _ bytes: [UInt8]) throws {
  let file = path + (choice & 4 == 0 ? "" : ".csv")
  try Data(bytes).write(to: URL(filePath: file))
  var request = DataRequest(path: file, split: [.all, .train, .test][Int(choice) % 3])
  if choice & 8 != 0 { request.needed = PictureShape(channels: 1, height: 2, width: 2) }
  request.options.scale = choice & 16 == 0 ? nil : 255
  request.options.order = choice & 32 == 0 ? nil : .pixels
  if choice & 64 != 0 { request.options.labels = file }
  request.needsLabels = false
  let set = try OwnData.load(request)
  for index in 0..<min(set.count, 100) {
    let picture = try set.image(index)
    precondition(picture.count == set.imageSize)
  }
}
