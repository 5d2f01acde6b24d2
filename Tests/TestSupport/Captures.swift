// Tests that import TestSupport have the captures too.
@_exported import Captures
