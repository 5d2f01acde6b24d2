@main
struct GatehouseControl {
    static func main() {
        print("gatehousectl")
    }
}
