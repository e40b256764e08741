// The functions of include/spikelet.h that put errors into words. The words are the runtime's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CSpikelet
import SpikeletRuntime

@c @implementation
public func spikelet_error_string(_ error: spikelet_error_t) -> UnsafePointer<CChar>? {
  if let reason = SpikeletError.Reason(rawValue: error) { return unsafe text(reason.text) }
  let words: StaticString =
    switch error {
    case spikelet_error_t(SPIKELET_OK): "is right"
    case Failure.nullPointer: "is a null pointer"
    case Failure.notOpen: "is not open: call spikelet_open first"
    case Failure.notAttached: "has no arena: call spikelet_attach first"
    case Failure.notRun: "has no result: call spikelet_run or spikelet_step first"
    case Failure.resultTooSmall: "does not hold a score for each class"
    default: "is not an error of this library"
    }
  return unsafe text(words)
}

@c @implementation
public func spikelet_field_string(_ field: Int32) -> UnsafePointer<CChar>? {
  unsafe text(SpikeletError.Field(rawValue: field)?.text ?? "unknown field")
}

@c @implementation
public func spikelet_owner_string(_ field: Int32) -> UnsafePointer<CChar>? {
  unsafe text(SpikeletError.Field(rawValue: field)?.owner ?? "model")
}

/// The address of a literal's bytes, which end with a zero.
private func text(_ words: StaticString) -> UnsafePointer<CChar>? {
  unsafe UnsafeRawPointer(words.utf8Start).assumingMemoryBound(to: CChar.self)
}
