import SpikeletReference
import SpikeletRuntime
import SpikeletSupport

/// Model files: open, and run two pictures in an arena of exactly the size that is asked for. What is
/// cheap to judge is judged by the interpreter.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  countInput()
  // libFuzzer's own copy: the address sanitizer sees every access beside it.
  let bytes = UnsafeRawBufferPointer(start: data, count: size)
  do throws(SpikeletError) {
    try run(try Model(bytes.bytes), bytes)
  } catch {
    precondition(error.field.text.utf8CodeUnitCount > 0 && error.reason.text.utf8CodeUnitCount > 0)
    counts.count("refused")
  }
  return 0
}

/// A changed word can ask for any amount of memory or work, which is slow but no mistake.
private let (affordableBytes, affordableWork, judgeableWork) = (1 << 21, 400_000.0, 40_000.0)

private func run(_ model: Model, _ file: UnsafeRawBufferPointer) throws(SpikeletError) {
  counts.count("opened")
  for layer in 0..<model.layerCount { _ = model.layerName(layer).byteCount }
  _ = (model.classNames.byteCount, model.provenance.byteCount, model.highestMargin)
  let work = MutantValues.additionsOfATimestep(model)
  guard model.arenaBytes < affordableBytes, model.inputCount < 1 << 16, work < affordableWork
  else { return counts.count("large") }
  let arena = UnsafeMutableRawBufferPointer.allocate(
    byteCount: model.arenaBytes, alignment: 16)
  defer { arena.deallocate() }
  let pictures = (0..<2).map { picture in
    (0..<model.inputCount).map { UInt8(truncatingIfNeeded: $0 * 37 + picture * 91 + $0 >> 8) }
  }
  var engine = try Engine(model: model, arena: arena.mutableBytes)
  let steps = Int(min(3, model.header.maximumTimesteps))
  guard work < judgeableWork else {
    for picture in pictures {
      engine.begin()
      for _ in 0..<steps { try engine.step(input: picture.span) }
      _ = engine.prediction
    }
    return counts.count("ran")
  }
  let given = try MutantValues.engine(&engine, pictures, timesteps: steps)
  let needed = MutantValues.interpreter(Array(file), pictures, timesteps: steps)
  precondition(given == needed, "the interpreter computes something else")
  counts.count("judged")
}

@_silgen_name("LLVMFuzzerMutate")
private func plainMutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int) -> Int

/// Changes words and records, and corrects the checksum; every second time also what the loader would
/// object to. One time in eight the bytes are changed by chance, half of these with a right checksum.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var random = SeededRandom(seed: UInt64(seed))
  var model = EditableModel([UInt8](UnsafeBufferPointer(start: data, count: size)))
  if size < MemoryLayout<ModelHeader>.size || random.chance(8) {
    let count = plainMutate(data, size, limit)
    guard count >= MemoryLayout<ModelHeader>.size, random.chance(2) else { return count }
    model = EditableModel([UInt8](UnsafeBufferPointer(start: data, count: count)))
    model.seal()
  } else {
    let header = model.header
    // Where a mutation before has moved the sections, only the header can be mended.
    guard model.hasSections else { return plainMutate(data, size, limit) }
    for _ in 0...random.pick(0...2) { ModelMutator.mutate(&model, header, &random) }
    if random.chance(4) { ModelMutator.rearrange(&model, header, &random) }
    model.seal()
    if random.chance(2) { _ = ModelMutator.repair(&model) }
  }
  guard model.bytes.count <= limit else { return plainMutate(data, size, limit) }
  for (index, byte) in model.bytes.enumerated() { data[index] = byte }
  return model.bytes.count
}

extension EditableModel {
  /// Whether every section that the header names lies in the file.
  fileprivate var hasSections: Bool {
    let sections: [(Int32, Int, Int32)] = [
      (header.layersOffset, MemoryLayout<NeuronRecord>.size, header.layerCount),
      (header.connectionsOffset, MemoryLayout<ConnectionRecord>.size, header.connectionCount),
      (header.buffersOffset, MemoryLayout<BufferRecord>.size, header.bufferCount),
      (header.parametersOffset, 1, header.parametersBytes),
      (header.weightsOffset, 1, header.weightsBytes),
    ]
    return sections.allSatisfy { offset, size, count in
      offset >= 0 && count >= 0 && Int(offset) + Int(count) * size <= bytes.count
    } && header.layerCount > 0 && header.connectionCount > 0 && header.bufferCount > 0
  }
}
