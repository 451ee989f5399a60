// The only script of report.html: the values of the curves at the step under the pointer. Plain JavaScript, as browsers
// run it; texts reach the page as text, never as markup.

export const hoverScript = `
const { frame, panels } = JSON.parse(document.getElementById('panels').textContent)
const nearest = (points, step) => {
  let low = 0, high = points.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle][0] < step) low = middle + 1
    else high = middle
  }
  return low > 0 && step - points[low - 1][0] < points[low][0] - step ? points[low - 1] : points[low]
}
for (const figure of document.querySelectorAll('figure')) {
  const { steps, curves } = panels[figure.dataset.panel]
  const svg = figure.querySelector('svg')
  const box = figure.appendChild(document.createElement('div'))
  box.className = 'values'
  const line = svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'line'))
  line.setAttribute('class', 'grid')
  line.setAttribute('y1', frame.top)
  line.setAttribute('y2', frame.height - frame.bottom)
  line.style.display = 'none'
  const hide = () => { box.style.display = line.style.display = 'none' }
  figure.addEventListener('pointerleave', hide)
  figure.addEventListener('pointermove', (event) => {
    const area = svg.getBoundingClientRect()
    const x = ((event.clientX - area.left) / area.width) * frame.width
    const share = (x - frame.left) / (frame.width - frame.left - frame.right)
    if (share < 0 || share > 1) return hide()
    const step = steps[0] + share * (steps[1] - steps[0])
    const lines = curves.filter(({ points }) => points.length > 0).map(({ name, points }) => {
      const [at, value] = nearest(points, step)
      return name + ' ' + value + (curves.length > 1 ? '  (step ' + at.toLocaleString('en-US') + ')' : '')
    })
    box.replaceChildren('step ' + Math.round(step).toLocaleString('en-US'))
    for (const text of lines) box.appendChild(document.createElement('div')).textContent = text
    box.style.display = 'block'
    line.style.display = ''
    line.setAttribute('x1', x)
    line.setAttribute('x2', x)
    const outer = figure.getBoundingClientRect()
    const left = event.clientX - outer.left + 14
    box.style.left = Math.max(0, left + box.offsetWidth > outer.width ? left - box.offsetWidth - 28 : left) + 'px'
    box.style.top = '64px'
  })
}
`.trim()
