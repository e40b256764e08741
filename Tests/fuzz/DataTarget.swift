import SpikeletDatasets
import SpikeletEvaluation

/// The readers of data: IDX, gzip, CIFAR-10, and NumPy's arrays.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  attempt("images") {
    let images = try IDX.images(bytes)
    precondition(images.pixels.count == images.count * images.height * images.width)
  }
  attempt("labels") { _ = try IDX.labels(bytes) }
  attempt("cifar") {
    let batch = try CIFAR10.batch(bytes)
    precondition(batch.pixels.count == batch.labels.count * CIFAR10.pictureSize)
  }
  attempt("gzip") {
    precondition(try Gzip.decompress(bytes, limit: 1 << 20).count <= 1 << 20)
  }
  attempt("numpy") {
    let array = try NumPyArray(bytes, file: "f.npy")
    precondition(array.values.count == array.shape.reduce(1, *))
  }
  return 0
}
